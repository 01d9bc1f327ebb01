// SPDX-License-Identifier: Apache-2.0
// GlLibrary: libEGL and libGLESv2, found at run time, so that programs start on boards that have
// neither. Only their headers are needed to build.
#pragma once

// No X11, wherever the headers would want it.
#define EGL_NO_X11 1
#define MESA_EGL_NO_X11_HEADERS 1
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl31.h>
// After gl31.h, whose types it needs.
#include <GLES2/gl2ext.h>

#include <memory>

#include "runtime/core/result.h"

namespace pinfer::gles {

struct Egl {
  decltype(&::eglGetProcAddress) GetProcAddress = nullptr;
  decltype(&::eglGetPlatformDisplay) GetPlatformDisplay = nullptr;
  decltype(&::eglInitialize) Initialize = nullptr;
  decltype(&::eglTerminate) Terminate = nullptr;
  decltype(&::eglQueryString) QueryString = nullptr;
  decltype(&::eglBindAPI) BindAPI = nullptr;
  decltype(&::eglCreateContext) CreateContext = nullptr;
  decltype(&::eglDestroyContext) DestroyContext = nullptr;
  decltype(&::eglMakeCurrent) MakeCurrent = nullptr;
  decltype(&::eglGetError) GetError = nullptr;
  decltype(&::eglGetDisplay) GetDisplay = nullptr;      // null where a library leaves it out
  PFNEGLQUERYDEVICESEXTPROC QueryDevicesEXT = nullptr;  // null where there is no such extension
  PFNEGLQUERYDEVICESTRINGEXTPROC QueryDeviceStringEXT = nullptr;  // the same
};

// Names as in the headers without "gl". Those of extensions may be null.
struct Gl {
  decltype(&::glGetString) GetString = nullptr;
  decltype(&::glGetStringi) GetStringi = nullptr;
  decltype(&::glGetError) GetError = nullptr;
  decltype(&::glGetIntegerv) GetIntegerv = nullptr;
  decltype(&::glGetInteger64v) GetInteger64v = nullptr;
  decltype(&::glGetIntegeri_v) GetIntegeri_v = nullptr;
  decltype(&::glCreateShader) CreateShader = nullptr;
  decltype(&::glDeleteShader) DeleteShader = nullptr;
  decltype(&::glShaderSource) ShaderSource = nullptr;
  decltype(&::glCompileShader) CompileShader = nullptr;
  decltype(&::glGetShaderiv) GetShaderiv = nullptr;
  decltype(&::glGetShaderInfoLog) GetShaderInfoLog = nullptr;
  decltype(&::glCreateProgram) CreateProgram = nullptr;
  decltype(&::glDeleteProgram) DeleteProgram = nullptr;
  decltype(&::glAttachShader) AttachShader = nullptr;
  decltype(&::glLinkProgram) LinkProgram = nullptr;
  decltype(&::glUseProgram) UseProgram = nullptr;
  decltype(&::glGetProgramiv) GetProgramiv = nullptr;
  decltype(&::glGetProgramInfoLog) GetProgramInfoLog = nullptr;
  decltype(&::glGetProgramBinary) GetProgramBinary = nullptr;
  decltype(&::glProgramBinary) ProgramBinary = nullptr;
  decltype(&::glProgramParameteri) ProgramParameteri = nullptr;
  decltype(&::glGetUniformBlockIndex) GetUniformBlockIndex = nullptr;
  decltype(&::glGetActiveUniformBlockiv) GetActiveUniformBlockiv = nullptr;
  decltype(&::glGetUniformIndices) GetUniformIndices = nullptr;
  decltype(&::glGetActiveUniformsiv) GetActiveUniformsiv = nullptr;
  decltype(&::glGenBuffers) GenBuffers = nullptr;
  decltype(&::glDeleteBuffers) DeleteBuffers = nullptr;
  decltype(&::glBindBuffer) BindBuffer = nullptr;
  decltype(&::glBindBufferBase) BindBufferBase = nullptr;
  decltype(&::glBindBufferRange) BindBufferRange = nullptr;
  decltype(&::glBufferData) BufferData = nullptr;
  decltype(&::glBufferSubData) BufferSubData = nullptr;
  decltype(&::glCopyBufferSubData) CopyBufferSubData = nullptr;
  decltype(&::glMapBufferRange) MapBufferRange = nullptr;
  decltype(&::glUnmapBuffer) UnmapBuffer = nullptr;
  decltype(&::glDispatchCompute) DispatchCompute = nullptr;
  decltype(&::glMemoryBarrier) MemoryBarrier = nullptr;
  decltype(&::glFenceSync) FenceSync = nullptr;
  decltype(&::glClientWaitSync) ClientWaitSync = nullptr;
  decltype(&::glDeleteSync) DeleteSync = nullptr;
  decltype(&::glGenQueries) GenQueries = nullptr;
  decltype(&::glDeleteQueries) DeleteQueries = nullptr;
  decltype(&::glBeginQuery) BeginQuery = nullptr;
  decltype(&::glEndQuery) EndQuery = nullptr;
  PFNGLGETQUERYOBJECTUI64VEXTPROC GetQueryObjectui64vEXT = nullptr;
  PFNGLGETGRAPHICSRESETSTATUSKHRPROC GetGraphicsResetStatusKHR = nullptr;
};

class GlLibrary final {
 public:
  // Error unavailable, with the package to install, when a library or a function is missing.
  static Result<std::unique_ptr<GlLibrary>> open();
  GlLibrary(const GlLibrary&) = delete;
  GlLibrary& operator=(const GlLibrary&) = delete;
  ~GlLibrary();

  [[nodiscard]] const Egl& egl() const noexcept { return egl_; }
  [[nodiscard]] const Gl& gl() const noexcept { return gl_; }

 private:
  GlLibrary() = default;
  Result<void> load_egl();
  Result<void> load_gl();

  void* egl_handle_ = nullptr;
  void* gl_handle_ = nullptr;
  Egl egl_;
  Gl gl_;
};

}  // namespace pinfer::gles
