// SPDX-License-Identifier: Apache-2.0
// Preloaded into a test: a graphics driver that is not there, refuses or dies, as PINFER_GL_FAULT
// says at that moment:
//
//   no_egl, no_gles   the library cannot be loaded
//   no_context        no OpenGL ES 3.1
//   no_memory         GL_OUT_OF_MEMORY for every buffer
//   error             every call leaves an error behind
//   lost              the device has been reset
//   wait_failed       the fence is lost
//   hangs             the device does not answer
//   no_map            results cannot be read
#include <EGL/egl.h>
#include <GLES3/gl31.h>
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

using Symbol = void* (*)(void*, const char*);
using Open = void* (*)(const char*, int);

bool fault_is(const char* name) {
  const char* fault = std::getenv("PINFER_GL_FAULT");
  return fault != nullptr && std::strcmp(fault, name) == 0;
}

// dlsym is what this file replaces; its version differs by machine.
Symbol real_symbol() {
  for (const char* version : {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.4", "GLIBC_2.2.5"})
    if (void* found = ::dlvsym(RTLD_NEXT, "dlsym", version)) return reinterpret_cast<Symbol>(found);
  std::abort();
}

template <class Function>
Function real(const char* name) {
  const char* library = name[0] == 'e' ? "libEGL.so.1" : "libGLESv2.so.2";
  void* handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  return reinterpret_cast<Function>(real_symbol()(handle, name));
}

EGLContext create_context(EGLDisplay display, EGLConfig config, EGLContext share,
                          const EGLint* list) {
  if (fault_is("no_context")) return EGL_NO_CONTEXT;
  static const auto function = real<decltype(&::eglCreateContext)>("eglCreateContext");
  return function(display, config, share, list);
}

GLenum get_error() {
  if (fault_is("no_memory")) return GL_OUT_OF_MEMORY;
  if (fault_is("error")) return GL_INVALID_OPERATION;
  static const auto function = real<decltype(&::glGetError)>("glGetError");
  return function();
}

GLenum reset_status() { return fault_is("lost") ? 0x8254 /* GL_INNOCENT_CONTEXT_RESET */ : 0; }

GLenum client_wait_sync(GLsync sync, GLbitfield flags, GLuint64 timeout) {
  if (fault_is("wait_failed")) return GL_WAIT_FAILED;
  if (fault_is("hangs")) return GL_TIMEOUT_EXPIRED;
  static const auto function = real<decltype(&::glClientWaitSync)>("glClientWaitSync");
  return function(sync, flags, timeout);
}

void* map_buffer_range(GLenum target, GLintptr offset, GLsizeiptr length, GLbitfield access) {
  if (fault_is("no_map")) return nullptr;
  static const auto function = real<decltype(&::glMapBufferRange)>("glMapBufferRange");
  return function(target, offset, length, access);
}

__eglMustCastToProperFunctionPointerType get_proc_address(const char* name) {
  if (std::strcmp(name, "glGetGraphicsResetStatusKHR") == 0)
    return reinterpret_cast<__eglMustCastToProperFunctionPointerType>(reset_status);
  static const auto function = real<decltype(&::eglGetProcAddress)>("eglGetProcAddress");
  return function(name);
}

struct Replacement {
  const char* name;
  void* function;
};
const Replacement kReplacements[] = {
    {"eglCreateContext", reinterpret_cast<void*>(create_context)},
    {"eglGetProcAddress", reinterpret_cast<void*>(get_proc_address)},
    {"glGetError", reinterpret_cast<void*>(get_error)},
    {"glClientWaitSync", reinterpret_cast<void*>(client_wait_sync)},
    {"glMapBufferRange", reinterpret_cast<void*>(map_buffer_range)},
};

// Of the program alone: the driver's own libraries keep theirs.
bool asked_by_program(const void* address) {
  Dl_info info;
  return ::dladdr(address, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, ".so") == nullptr;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void* dlopen(const char* name, int mode) {
  static const auto open = reinterpret_cast<Open>(real_symbol()(RTLD_NEXT, "dlopen"));
  if (name != nullptr && asked_by_program(__builtin_return_address(0)) &&
      ((fault_is("no_egl") && std::strcmp(name, "libEGL.so.1") == 0) ||
       (fault_is("no_gles") && std::strcmp(name, "libGLESv2.so.2") == 0)))
    return open("/nonexistent/libpinfer-test.so", mode);  // leaves a dlerror() behind
  return open(name, mode);
}

__attribute__((visibility("default"))) void* dlsym(void* handle, const char* name) {
  static const Symbol symbol = real_symbol();
  void* found = symbol(handle, name);
  if (found == nullptr || !asked_by_program(__builtin_return_address(0))) return found;
  for (const Replacement& replacement : kReplacements)
    if (std::strcmp(name, replacement.name) == 0) return replacement.function;
  return found;
}
}
