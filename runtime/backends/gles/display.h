// SPDX-License-Identifier: Apache-2.0
// Displays: the ways to a GPU that need no screen, in the order in which they are tried.
//
// 1. Devices (EGL_EXT_platform_device) that are no software: Mesa's own choice may be its software
//    renderer beside a vendor's driver.
// 2. Surfaceless (EGL_MESA_platform_surfaceless), which is Mesa's own choice.
// 3. GBM (EGL_KHR_platform_gbm, libgbm) on each render node, for vendors' drivers that know nothing
//    else.
// 4. What EGL prefers by itself.
#pragma once

#include <string>
#include <vector>

#include "runtime/backends/gles/gl_library.h"
#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer::gles {

// libgbm and a device of it, which an EGL display stands on.
class GbmDevice final {
 public:
  // Error unavailable: no libgbm, or the node cannot be opened or used.
  static Result<std::unique_ptr<GbmDevice>> open(const std::string& node);
  GbmDevice(const GbmDevice&) = delete;
  GbmDevice& operator=(const GbmDevice&) = delete;
  ~GbmDevice();
  [[nodiscard]] void* native() const noexcept { return device_; }

 private:
  GbmDevice() = default;

  void* library_ = nullptr;
  void (*destroy_)(void*) = nullptr;
  UniqueFd node_;
  void* device_ = nullptr;
};

// An initialized EGLDisplay. EGL has one for each native device and whole processes share it, so it
// is never terminated, but for that of a GBM device of our own, which nobody else can name.
class Display final {
 public:
  Display() = default;
  Display(const Egl& egl, EGLDisplay display, std::unique_ptr<GbmDevice> device)
      : egl_(&egl), display_(display), device_(std::move(device)) {}
  Display(Display&& other) noexcept;
  Display& operator=(Display&& other) noexcept;
  ~Display();
  [[nodiscard]] EGLDisplay get() const noexcept { return display_; }

 private:
  const Egl* egl_ = nullptr;
  EGLDisplay display_ = EGL_NO_DISPLAY;
  std::unique_ptr<GbmDevice> device_;
};

// One way: "surfaceless", "device 0", "gbm /dev/dri/renderD128", "default".
struct Way {
  std::string name;
  EGLenum platform = 0;  // 0: what EGL prefers
  EGLDeviceEXT device = nullptr;
  std::string node;  // of a GBM device
};

// Those that this EGL offers; what it does not offer goes to `answers`, one sentence each.
std::vector<Way> ways_to_displays(const Egl& egl, std::vector<std::string>& answers);
// Error unavailable: "EGL_NOT_INITIALIZED", "Permission denied".
Result<Display> open_display(const Egl& egl, const Way& way);

// "EGL_BAD_MATCH"
std::string egl_error_name(EGLint error);
// Whether `word` is one of `words`, which may be null.
bool has_word(const char* words, std::string_view word);

}  // namespace pinfer::gles
