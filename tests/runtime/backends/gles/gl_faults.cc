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
//   no_surfaceless    only EGL's devices are offered, and the renderer here passes for a GPU
//   only_gbm          only GBM is offered, with a render node and a libgbm that are made up here
//   no_gbm            the same without libgbm
//   closed_node       the same with a node that this user may not open
//   no_platform       nothing is offered, and there is no default display
//   no_display        no display can be initialized
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl31.h>
#include <dlfcn.h>
#include <fcntl.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "tests/runtime/backends/gles/gl_preload.h"

namespace {

using preload::real;
using preload::real_symbol;
using preload::Symbol;
using Open = void* (*)(const char*, int);

// For programs whose other threads run, where setenv() would race: pinfer_gl_fault() below.
std::atomic<const char*> set_fault{nullptr};

bool fault_is(const char* name) {
  const char* fault = set_fault;
  if (fault == nullptr) fault = std::getenv("PINFER_GL_FAULT");
  return fault != nullptr && std::strcmp(fault, name) == 0;
}

// Faults that leave GBM as the only way.
bool gbm_alone() { return fault_is("only_gbm") || fault_is("no_gbm") || fault_is("closed_node"); }

const char* query_string(EGLDisplay display, EGLint name) {
  if (display == EGL_NO_DISPLAY && name == EGL_EXTENSIONS) {
    if (fault_is("no_surfaceless")) return "EGL_EXT_device_base EGL_EXT_platform_device";
    if (gbm_alone()) return "EGL_KHR_platform_gbm";
    if (fault_is("no_platform")) return "EGL_EXT_platform_base";
  }
  static const auto function = real<decltype(&::eglQueryString)>("eglQueryString");
  return function(display, name);
}

const char* query_device_string(EGLDeviceEXT, EGLint) { return "EGL_EXT_device_drm"; }

EGLDisplay get_display(EGLNativeDisplayType native) {
  if (fault_is("no_platform") || gbm_alone()) return EGL_NO_DISPLAY;
  static const auto function = real<decltype(&::eglGetDisplay)>("eglGetDisplay");
  return function(native);
}

// What stands for a gbm_device; Mesa's own renderer draws for it.
int made_up_gbm = 0, open_gbm_devices = 0;

void* gbm_create_device(int fd) {
  if (fd < 0) return nullptr;
  ++open_gbm_devices;
  return &made_up_gbm;
}
void gbm_device_destroy(void* device) { open_gbm_devices -= device == &made_up_gbm ? 1 : 0; }

EGLDisplay get_platform_display(EGLenum platform, void* native, const EGLAttrib* list) {
  static const auto function = real<decltype(&::eglGetPlatformDisplay)>("eglGetPlatformDisplay");
  if (platform != EGL_PLATFORM_GBM_KHR) return function(platform, native, list);
  if (native != &made_up_gbm) return EGL_NO_DISPLAY;
  return function(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
}

EGLBoolean initialize(EGLDisplay display, EGLint* major, EGLint* minor) {
  static const auto function = real<decltype(&::eglInitialize)>("eglInitialize");
  return fault_is("no_display") ? EGL_FALSE : function(display, major, minor);
}

EGLint egl_error() {
  if (fault_is("no_display")) return EGL_NOT_INITIALIZED;
  static const auto function = real<decltype(&::eglGetError)>("eglGetError");
  return function();
}

// The display that stands for GBM's is the process's.
EGLBoolean terminate(EGLDisplay display) {
  static const auto function = real<decltype(&::eglTerminate)>("eglTerminate");
  return gbm_alone() ? EGL_TRUE : function(display);
}

EGLContext create_context(EGLDisplay display, EGLConfig config, EGLContext share,
                          const EGLint* list) {
  if (fault_is("no_context")) return EGL_NO_CONTEXT;
  static const auto function = real<decltype(&::eglCreateContext)>("eglCreateContext");
  const EGLContext context = function(display, config, share, list);
  preload::count_context(context);
  return context;
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
  if (std::strcmp(name, "eglGetDisplay") == 0)
    return reinterpret_cast<__eglMustCastToProperFunctionPointerType>(get_display);
  if (std::strcmp(name, "eglQueryDeviceStringEXT") == 0 && fault_is("no_surfaceless"))
    return reinterpret_cast<__eglMustCastToProperFunctionPointerType>(query_device_string);
  static const auto function = real<decltype(&::eglGetProcAddress)>("eglGetProcAddress");
  return function(name);
}

const preload::Replacement kReplacements[] = {
    {"eglQueryString", reinterpret_cast<void*>(query_string)},
    {"eglGetPlatformDisplay", reinterpret_cast<void*>(get_platform_display)},
    {"eglInitialize", reinterpret_cast<void*>(initialize)},
    {"eglGetError", reinterpret_cast<void*>(egl_error)},
    {"eglTerminate", reinterpret_cast<void*>(terminate)},
    {"gbm_create_device", reinterpret_cast<void*>(gbm_create_device)},
    {"gbm_device_destroy", reinterpret_cast<void*>(gbm_device_destroy)},
    {"eglCreateContext", reinterpret_cast<void*>(create_context)},
    {"eglGetProcAddress", reinterpret_cast<void*>(get_proc_address)},
    {"glGetError", reinterpret_cast<void*>(get_error)},
    {"glClientWaitSync", reinterpret_cast<void*>(client_wait_sync)},
    {"glMapBufferRange", reinterpret_cast<void*>(map_buffer_range)},
};

// One render node, where only GBM is offered.
int open_file(const char* name, const char* path, int flags, int mode) {
  using OpenFile = int (*)(const char*, int, ...);
  if (gbm_alone() && std::strcmp(path, "/dev/dri/renderD128") == 0) {
    path = "/dev/null";
    if (fault_is("closed_node")) {
      errno = EACCES;
      return -1;
    }
  }
  return reinterpret_cast<OpenFile>(real_symbol()(RTLD_NEXT, name))(path, flags, mode);
}

// Without the C library, which a sanitizer may be about to replace.
bool same(const char* a, const char* b) {
  while (*a != 0 && *a == *b) ++a, ++b;
  return *a == *b;
}

// Of the program alone: the driver's own libraries keep theirs.
bool asked_by_program(const void* address) {
  Dl_info info;
  return ::dladdr(address, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, ".so") == nullptr;
}

void* open_library(const char* name, int mode, const void* caller) {
  static const auto open = reinterpret_cast<Open>(real_symbol()(RTLD_NEXT, "dlopen"));
  if (name != nullptr && asked_by_program(caller) &&
      ((fault_is("no_egl") && std::strcmp(name, "libEGL.so.1") == 0) ||
       (fault_is("no_gles") && std::strcmp(name, "libGLESv2.so.2") == 0) ||
       (fault_is("no_gbm") && std::strcmp(name, "libgbm.so.1") == 0)))
    return open("/nonexistent/libpinfer-test.so", mode);  // leaves a dlerror() behind
  return open(name, mode);
}

// What a sanitizer in the program calls where the program calls its own dlopen() and open().
void* program_dlopen(const char* name, int mode) {
  return open_library(name, mode, __builtin_return_address(0));
}
int program_open(const char* path, int flags, int mode) {
  return open_file("open", path, flags, mode);
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void* dlopen(const char* name, int mode) {
  return open_library(name, mode, __builtin_return_address(0));
}

__attribute__((visibility("default"))) void* dlsym(void* handle, const char* name) {
  static const Symbol symbol = real_symbol();
  void* found = symbol(handle, name);
  // Sanitizers look for what they replace before anything else works, and would pass by ours.
  if (handle == RTLD_NEXT) {
    if (same(name, "dlopen")) return reinterpret_cast<void*>(program_dlopen);
    if (same(name, "open") || same(name, "open64")) return reinterpret_cast<void*>(program_open);
    return found;
  }
  if (found == nullptr || !asked_by_program(__builtin_return_address(0))) return found;
  for (const auto replacements :
       {std::span<const preload::Replacement>(kReplacements), preload::counting_functions()})
    for (const preload::Replacement& replacement : replacements)
      if (std::strcmp(name, replacement.name) == 0) return replacement.function;
  return found;
}

__attribute__((visibility("default"))) int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return open_file("open", path, flags, mode);
}
__attribute__((visibility("default"))) int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = va_arg(rest, int);
  va_end(rest);
  return open_file("open64", path, flags, mode);
}

// Instead of PINFER_GL_FAULT; null: that counts again.
__attribute__((visibility("default"))) void pinfer_gl_fault(const char* name) { set_fault = name; }

// For the test: GBM devices that have not been given back.
__attribute__((visibility("default"))) int pinfer_open_gbm_devices() { return open_gbm_devices; }
}
