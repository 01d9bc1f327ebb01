// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/display.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pinfer::gles {
namespace {

constexpr EGLint kMostDevices = 8;
constexpr int kFirstNode = 128;  // by which Linux numbers render nodes

void add_devices(const Egl& egl, std::vector<Way>& ways, std::vector<std::string>& answers) {
  EGLDeviceEXT devices[kMostDevices] = {};
  EGLint count = 0;
  if (egl.QueryDevicesEXT(kMostDevices, devices, &count) != EGL_TRUE) count = 0;
  const std::size_t before = ways.size();
  for (EGLint i = 0; i < std::min(count, kMostDevices); ++i)
    if (!has_word(egl.QueryDeviceStringEXT(devices[i], EGL_EXTENSIONS), "EGL_MESA_device_software"))
      ways.push_back({.name = fmt::format("device {}", i),
                      .platform = EGL_PLATFORM_DEVICE_EXT,
                      .device = devices[i],
                      .node = {}});
  if (ways.size() == before) answers.emplace_back("device: there is none but software");
}

void add_nodes(std::vector<Way>& ways, std::vector<std::string>& answers) {
  const std::size_t before = ways.size();
  for (int i = kFirstNode; i < kFirstNode + kMostDevices; ++i) {
    const std::string node = fmt::format("/dev/dri/renderD{}", i);
    // Asked by opening: a sandbox may show no folder. What is there but closed to us must be said.
    const UniqueFd fd(::open(node.c_str(), O_RDWR | O_CLOEXEC));
    if (fd.valid() || errno != ENOENT)
      ways.push_back({.name = "gbm " + node,
                      .platform = EGL_PLATFORM_GBM_KHR,
                      .device = nullptr,
                      .node = node});
  }
  if (ways.size() == before) answers.emplace_back("gbm: there is no /dev/dri/renderD*");
}

}  // namespace

bool has_word(const char* words, std::string_view word) {
  std::string_view rest = words == nullptr ? "" : words;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string egl_error_name(EGLint error) {
  switch (error) {
    case EGL_SUCCESS:
      return "no error";
    case EGL_NOT_INITIALIZED:
      return "EGL_NOT_INITIALIZED";
    case EGL_BAD_ALLOC:
      return "EGL_BAD_ALLOC";
    case EGL_BAD_MATCH:
      return "EGL_BAD_MATCH";
    case EGL_BAD_CONFIG:
      return "EGL_BAD_CONFIG";
    case EGL_BAD_ATTRIBUTE:
      return "EGL_BAD_ATTRIBUTE";
    case EGL_BAD_PARAMETER:
      return "EGL_BAD_PARAMETER";
    case EGL_BAD_DISPLAY:
      return "EGL_BAD_DISPLAY";
    default:
      return fmt::format("EGL error 0x{:x}", error);
  }
}

Result<std::unique_ptr<GbmDevice>> GbmDevice::open(const std::string& node) {
  std::unique_ptr<GbmDevice> gbm(new GbmDevice);
  gbm->library_ = ::dlopen("libgbm.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (gbm->library_ == nullptr)
    return fail(ErrorCode::unavailable, "libgbm.so.1 cannot be loaded; install libgbm1");
  const auto create = reinterpret_cast<void* (*)(int)>(::dlsym(gbm->library_, "gbm_create_device"));
  gbm->destroy_ = reinterpret_cast<void (*)(void*)>(::dlsym(gbm->library_, "gbm_device_destroy"));
  if (create == nullptr || gbm->destroy_ == nullptr)
    return fail(ErrorCode::unavailable, "libgbm.so.1 has no gbm_create_device");
  gbm->node_.reset(::open(node.c_str(), O_RDWR | O_CLOEXEC));
  if (!gbm->node_.valid()) return fail(ErrorCode::unavailable, "{}", std::strerror(errno));
  gbm->device_ = create(gbm->node_.get());
  if (gbm->device_ == nullptr) return fail(ErrorCode::unavailable, "libgbm has no driver for it");
  return gbm;
}

GbmDevice::~GbmDevice() {
  if (device_ != nullptr) destroy_(device_);
  if (library_ != nullptr) ::dlclose(library_);
}

Display::Display(Display&& other) noexcept
    : egl_(other.egl_),
      display_(std::exchange(other.display_, EGL_NO_DISPLAY)),
      device_(std::move(other.device_)) {}

Display& Display::operator=(Display&& other) noexcept {
  std::swap(egl_, other.egl_);
  std::swap(display_, other.display_);
  std::swap(device_, other.device_);
  return *this;
}

Display::~Display() {
  if (device_ != nullptr && display_ != EGL_NO_DISPLAY) egl_->Terminate(display_);
}

std::vector<Way> ways_to_displays(const Egl& egl, std::vector<std::string>& answers) {
  std::vector<Way> ways;
  const char* words = egl.QueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  if (has_word(words, "EGL_EXT_platform_device") && egl.QueryDevicesEXT != nullptr &&
      egl.QueryDeviceStringEXT != nullptr)
    add_devices(egl, ways, answers);
  else
    answers.emplace_back("device: not offered");
  if (has_word(words, "EGL_MESA_platform_surfaceless"))
    ways.push_back({.name = "surfaceless",
                    .platform = EGL_PLATFORM_SURFACELESS_MESA,
                    .device = nullptr,
                    .node = {}});
  else
    answers.emplace_back("surfaceless: not offered");
  if (has_word(words, "EGL_KHR_platform_gbm") || has_word(words, "EGL_MESA_platform_gbm"))
    add_nodes(ways, answers);
  else
    answers.emplace_back("gbm: not offered");
  ways.push_back({.name = "default", .platform = 0, .device = nullptr, .node = {}});
  return ways;
}

Result<Display> open_display(const Egl& egl, const Way& way) {
  void* native = way.device;
  std::unique_ptr<GbmDevice> gbm;
  if (!way.node.empty()) {
    PINFER_TRY(gbm, GbmDevice::open(way.node));
    native = gbm->native();
  }
  EGLDisplay display = EGL_NO_DISPLAY;
  if (way.platform != 0)
    display = egl.GetPlatformDisplay(way.platform, native, nullptr);
  else if (egl.GetDisplay != nullptr)
    display = egl.GetDisplay(EGL_DEFAULT_DISPLAY);
  if (display != EGL_NO_DISPLAY && egl.Initialize(display, nullptr, nullptr) == EGL_TRUE)
    return Display(egl, display, std::move(gbm));
  return fail(ErrorCode::unavailable, "{}", egl_error_name(egl.GetError()));
}

}  // namespace pinfer::gles
