// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/gl_library.h"

#include <dlfcn.h>

#include <string>

namespace pinfer::gles {
namespace {

// RTLD_NODELETE: drivers leave threads and exit functions behind that must stay mapped.
Result<void*> open_library(const char* name, const char* package) {
  void* handle = ::dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle != nullptr) return handle;
  const char* why = ::dlerror();
  return fail(ErrorCode::unavailable,
              "gles: {} cannot be loaded ({}); install {} and libgl1-mesa-dri, or the board "
              "vendor's driver",
              name, why == nullptr ? "no reason given" : why, package);
}

// Takes functions from one library and remembers the first that is missing.
class Symbols final {
 public:
  Symbols(void* handle, const char* library) : handle_(handle), library_(library) {}

  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  Result<void> all_found() const {
    if (missing_.empty()) return {};
    return fail(ErrorCode::unavailable, "gles: {} has no {}: OpenGL ES 3.1 and EGL 1.5 are needed",
                library_, missing_);
  }

 private:
  void* handle_;
  const char* library_;
  std::string missing_;
};

template <class Function>
void find_extension(const Egl& egl, Function& function, const char* name) {
  function = reinterpret_cast<Function>(egl.GetProcAddress(name));
}

}  // namespace

Result<void> GlLibrary::load_egl() {
  PINFER_TRY(egl_handle_, open_library("libEGL.so.1", "libegl1"));
  Symbols symbols(egl_handle_, "libEGL.so.1");
  symbols.find(egl_.GetProcAddress, "eglGetProcAddress");
  symbols.find(egl_.GetPlatformDisplay, "eglGetPlatformDisplay");
  symbols.find(egl_.Initialize, "eglInitialize");
  symbols.find(egl_.Terminate, "eglTerminate");
  symbols.find(egl_.QueryString, "eglQueryString");
  symbols.find(egl_.BindAPI, "eglBindAPI");
  symbols.find(egl_.CreateContext, "eglCreateContext");
  symbols.find(egl_.DestroyContext, "eglDestroyContext");
  symbols.find(egl_.MakeCurrent, "eglMakeCurrent");
  symbols.find(egl_.GetError, "eglGetError");
  PINFER_CHECK(symbols.all_found());
  find_extension(egl_, egl_.GetDisplay, "eglGetDisplay");
  find_extension(egl_, egl_.QueryDevicesEXT, "eglQueryDevicesEXT");
  find_extension(egl_, egl_.QueryDeviceStringEXT, "eglQueryDeviceStringEXT");
  return {};
}

Result<void> GlLibrary::load_gl() {
  PINFER_TRY(gl_handle_, open_library("libGLESv2.so.2", "libgles2"));
  Symbols symbols(gl_handle_, "libGLESv2.so.2");
  symbols.find(gl_.GetString, "glGetString");
  symbols.find(gl_.GetStringi, "glGetStringi");
  symbols.find(gl_.GetError, "glGetError");
  symbols.find(gl_.GetIntegerv, "glGetIntegerv");
  symbols.find(gl_.GetInteger64v, "glGetInteger64v");
  symbols.find(gl_.GetIntegeri_v, "glGetIntegeri_v");
  symbols.find(gl_.CreateShader, "glCreateShader");
  symbols.find(gl_.DeleteShader, "glDeleteShader");
  symbols.find(gl_.ShaderSource, "glShaderSource");
  symbols.find(gl_.CompileShader, "glCompileShader");
  symbols.find(gl_.GetShaderiv, "glGetShaderiv");
  symbols.find(gl_.GetShaderInfoLog, "glGetShaderInfoLog");
  symbols.find(gl_.CreateProgram, "glCreateProgram");
  symbols.find(gl_.DeleteProgram, "glDeleteProgram");
  symbols.find(gl_.AttachShader, "glAttachShader");
  symbols.find(gl_.LinkProgram, "glLinkProgram");
  symbols.find(gl_.UseProgram, "glUseProgram");
  symbols.find(gl_.GetProgramiv, "glGetProgramiv");
  symbols.find(gl_.GetProgramInfoLog, "glGetProgramInfoLog");
  symbols.find(gl_.GetProgramBinary, "glGetProgramBinary");
  symbols.find(gl_.ProgramBinary, "glProgramBinary");
  symbols.find(gl_.ProgramParameteri, "glProgramParameteri");
  symbols.find(gl_.GetUniformBlockIndex, "glGetUniformBlockIndex");
  symbols.find(gl_.GetActiveUniformBlockiv, "glGetActiveUniformBlockiv");
  symbols.find(gl_.GetUniformIndices, "glGetUniformIndices");
  symbols.find(gl_.GetActiveUniformsiv, "glGetActiveUniformsiv");
  symbols.find(gl_.GenBuffers, "glGenBuffers");
  symbols.find(gl_.DeleteBuffers, "glDeleteBuffers");
  symbols.find(gl_.BindBuffer, "glBindBuffer");
  symbols.find(gl_.BindBufferBase, "glBindBufferBase");
  symbols.find(gl_.BindBufferRange, "glBindBufferRange");
  symbols.find(gl_.BufferData, "glBufferData");
  symbols.find(gl_.BufferSubData, "glBufferSubData");
  symbols.find(gl_.CopyBufferSubData, "glCopyBufferSubData");
  symbols.find(gl_.MapBufferRange, "glMapBufferRange");
  symbols.find(gl_.UnmapBuffer, "glUnmapBuffer");
  symbols.find(gl_.DispatchCompute, "glDispatchCompute");
  symbols.find(gl_.MemoryBarrier, "glMemoryBarrier");
  symbols.find(gl_.FenceSync, "glFenceSync");
  symbols.find(gl_.ClientWaitSync, "glClientWaitSync");
  symbols.find(gl_.DeleteSync, "glDeleteSync");
  symbols.find(gl_.GenQueries, "glGenQueries");
  symbols.find(gl_.DeleteQueries, "glDeleteQueries");
  symbols.find(gl_.BeginQuery, "glBeginQuery");
  symbols.find(gl_.EndQuery, "glEndQuery");
  find_extension(egl_, gl_.GetQueryObjectui64vEXT, "glGetQueryObjectui64vEXT");
  find_extension(egl_, gl_.GetGraphicsResetStatusKHR, "glGetGraphicsResetStatusKHR");
  return symbols.all_found();
}

Result<std::unique_ptr<GlLibrary>> GlLibrary::open() {
  std::unique_ptr<GlLibrary> library(new GlLibrary);
  PINFER_CHECK(library->load_egl());
  PINFER_CHECK(library->load_gl());
  return library;
}

GlLibrary::~GlLibrary() {
  if (gl_handle_ != nullptr) ::dlclose(gl_handle_);
  if (egl_handle_ != nullptr) ::dlclose(egl_handle_);
}

}  // namespace pinfer::gles
