// SPDX-License-Identifier: Apache-2.0
// Preloaded with gl_faults: counts the contexts and the objects in them that the program has made
// and not given back. What is in a context goes with it, as the driver does it.
#include <EGL/egl.h>
#include <GLES3/gl31.h>

#include <map>
#include <mutex>

#include "tests/runtime/backends/gles/gl_preload.h"

namespace {

using preload::real;

std::mutex mutex;
std::map<EGLContext, long> objects;  // of each context that lives
thread_local EGLContext current = EGL_NO_CONTEXT;

void add(long count) {
  const std::lock_guard lock(mutex);
  if (const auto found = objects.find(current); found != objects.end()) found->second += count;
}

#define PINFER_REAL(name) static const auto function = real<decltype(&::name)>(#name)

EGLBoolean make_current(EGLDisplay display, EGLSurface draw, EGLSurface read, EGLContext context) {
  PINFER_REAL(eglMakeCurrent);
  const EGLBoolean done = function(display, draw, read, context);
  if (done == EGL_TRUE) current = context;
  return done;
}
EGLBoolean destroy_context(EGLDisplay display, EGLContext context) {
  PINFER_REAL(eglDestroyContext);
  const EGLBoolean done = function(display, context);
  const std::lock_guard lock(mutex);
  if (done == EGL_TRUE) objects.erase(context);
  return done;
}
void gen_buffers(GLsizei count, GLuint* names) {
  PINFER_REAL(glGenBuffers);
  function(count, names);
  add(count);
}
void delete_buffers(GLsizei count, const GLuint* names) {
  PINFER_REAL(glDeleteBuffers);
  function(count, names);
  add(-count);
}
void gen_queries(GLsizei count, GLuint* names) {
  PINFER_REAL(glGenQueries);
  function(count, names);
  add(count);
}
void delete_queries(GLsizei count, const GLuint* names) {
  PINFER_REAL(glDeleteQueries);
  function(count, names);
  add(-count);
}
GLuint create_shader(GLenum type) {
  PINFER_REAL(glCreateShader);
  add(1);
  return function(type);
}
void delete_shader(GLuint name) {
  PINFER_REAL(glDeleteShader);
  function(name);
  if (name != 0) add(-1);
}
GLuint create_program() {
  PINFER_REAL(glCreateProgram);
  add(1);
  return function();
}
void delete_program(GLuint name) {
  PINFER_REAL(glDeleteProgram);
  function(name);
  if (name != 0) add(-1);
}
GLsync fence_sync(GLenum condition, GLbitfield flags) {
  PINFER_REAL(glFenceSync);
  add(1);
  return function(condition, flags);
}
void delete_sync(GLsync sync) {
  PINFER_REAL(glDeleteSync);
  function(sync);
  if (sync != nullptr) add(-1);
}

}  // namespace

namespace preload {

void count_context(void* context) {
  const std::lock_guard lock(mutex);
  if (context != EGL_NO_CONTEXT) objects[context] = 0;
}

std::span<const Replacement> counting_functions() {
  static const Replacement all[] = {
      {"eglMakeCurrent", reinterpret_cast<void*>(make_current)},
      {"eglDestroyContext", reinterpret_cast<void*>(destroy_context)},
      {"glGenBuffers", reinterpret_cast<void*>(gen_buffers)},
      {"glDeleteBuffers", reinterpret_cast<void*>(delete_buffers)},
      {"glGenQueries", reinterpret_cast<void*>(gen_queries)},
      {"glDeleteQueries", reinterpret_cast<void*>(delete_queries)},
      {"glCreateShader", reinterpret_cast<void*>(create_shader)},
      {"glDeleteShader", reinterpret_cast<void*>(delete_shader)},
      {"glCreateProgram", reinterpret_cast<void*>(create_program)},
      {"glDeleteProgram", reinterpret_cast<void*>(delete_program)},
      {"glFenceSync", reinterpret_cast<void*>(fence_sync)},
      {"glDeleteSync", reinterpret_cast<void*>(delete_sync)},
  };
  return all;
}

}  // namespace preload

extern "C" {
__attribute__((visibility("default"))) long pinfer_gl_contexts() {
  const std::lock_guard lock(mutex);
  return static_cast<long>(objects.size());
}
__attribute__((visibility("default"))) long pinfer_gl_objects() {
  const std::lock_guard lock(mutex);
  long sum = 0;
  for (const auto& [context, count] : objects) sum += count;
  return sum;
}
}
