// SPDX-License-Identifier: Apache-2.0
// Plug-ins: shared libraries of Pinfer's own, which a program loads when it first needs what they
// link: programs that do without start and stay small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/result.h"

namespace pinfer {

struct PluginFile {
  const char* name = nullptr;        // "libpinfer-opencv.so"
  const char* entry = nullptr;       // its function, without arguments, that returns the table
  std::uint32_t abi_version = 0;     // the table's first member, in every version
  std::string_view if_missing = {};  // more to say where there is no such file
};

// The table of a plug-in. It stays, and the library with it, for good: what plug-ins link keeps
// registries and thread-local values that must stay mapped. The file lies in the folder that the
// environment variable PINFER_PLUGINS names, or else in ../lib/pinfer of the running program; never
// in the current folder. Errors: invalid_argument (a relative PINFER_PLUGINS), unavailable (no such
// file; a library that it links is missing, in the loader's words; no plug-in of Pinfer, or one of
// another version).
Result<const void*> load_plugin(const PluginFile& file);

// Debian's package of a library whose name begins with `prefix` and that load_plugin() misses:
// "libopencv-core406" for libopencv_core.so.406. Empty: `message` names none.
std::string missing_package(std::string_view message, std::string_view prefix);

}  // namespace pinfer
