// SPDX-License-Identifier: Apache-2.0
// What the files of the preloaded library share: functions of the driver by name, and those that
// the program gets instead.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <span>

namespace preload {

struct Replacement {
  const char* name;
  void* function;
};
// gl_objects.cc
std::span<const Replacement> counting_functions();
void count_context(void* context);  // a new one, or null

using Symbol = void* (*)(void*, const char*);

// dlsym is what gl_faults.cc replaces; its version differs by machine.
inline Symbol real_symbol() {
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

}  // namespace preload
