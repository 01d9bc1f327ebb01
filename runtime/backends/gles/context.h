// SPDX-License-Identifier: Apache-2.0
// Context: OpenGL ES 3.1 without a display, and what the driver allows.
//
// - Everything dies with the context: programs, buffers, queries. Not the display (display.h).
// - A context is current in one thread at a time. Sessions are made in one thread and run in
//   another, so each use takes the context (Current) and gives it back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/backends/gles/display.h"
#include "runtime/backends/gles/gl_library.h"
#include "runtime/backends/gles/program_cache.h"
#include "runtime/core/result.h"

namespace pinfer::gles {

// Threads of a work group in all shaders.
inline constexpr std::int32_t kGroupThreads = 64;

// Asked from the driver. The defaults are what a V3D (Raspberry Pi 4 and 5) has.
struct Limits {
  std::int32_t group_threads = 256;  // of a work group, along x and together
  std::int32_t group_count = 65535;  // along x and y each
  std::int32_t shared_bytes = 16384;
  std::int32_t storage_blocks = 8;           // of a compute shader
  std::int64_t storage_bytes = 128ll << 20;  // of one block
  std::int32_t uniform_alignment = 256;      // of a block's offset, bytes
};

// No limit above that of `other`; alignments no smaller.
Limits capped(const Limits& limits, const Limits& other);

class Context final {
 public:
  // Error unavailable: what was tried and what each answered. PINFER_GLES_LIMITS=v3d caps the
  // limits to those of the smallest device that the shaders are written for.
  // Programs are kept in `cache_folder` unless it is empty.
  static Result<std::unique_ptr<Context>> create(const std::string& cache_folder);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  [[nodiscard]] const Gl& gl() const noexcept { return library_->gl(); }
  [[nodiscard]] const Limits& limits() const noexcept { return limits_; }
  // "Mesa | llvmpipe (LLVM 15.0.6, 256 bits) | OpenGL ES 3.2 Mesa 22.3.6"
  [[nodiscard]] const std::string& driver() const noexcept { return driver_; }
  // By which way it was found: "surfaceless", "gbm /dev/dri/renderD128".
  [[nodiscard]] const std::string& platform() const noexcept { return platform_; }
  [[nodiscard]] const ProgramCache& cache() const noexcept { return cache_; }
  [[nodiscard]] bool has_timers() const noexcept { return has_timers_; }
  // Whether the driver has reset the device: everything in the context is gone then.
  [[nodiscard]] bool is_lost() const noexcept;

  // Makes the context current in this thread as long as it lives.
  class Current final {
   public:
    explicit Current(const Context& context) noexcept;
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    ~Current();
    [[nodiscard]] bool ok() const noexcept { return ok_; }

   private:
    const Context& context_;
    bool ok_ = false;
  };

 private:
  explicit Context(std::unique_ptr<GlLibrary> library) : library_(std::move(library)) {}
  Result<void> open();
  [[nodiscard]] Result<EGLContext> create_context(EGLDisplay display) const;
  Result<void> read_limits();

  std::unique_ptr<GlLibrary> library_;
  Display display_;
  EGLContext context_ = EGL_NO_CONTEXT;
  Limits limits_;
  std::string platform_, driver_;
  ProgramCache cache_;
  bool has_timers_ = false;
};

}  // namespace pinfer::gles
