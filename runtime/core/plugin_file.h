// SPDX-License-Identifier: Apache-2.0
// PluginFile: a shared library of Pinfer's own, which a program loads when it first needs what the
// library links: programs that do without start and stay small.
#pragma once

#include <filesystem>
#include <memory>

#include "runtime/core/result.h"

namespace pinfer {

class PluginFile final {
 public:
  // Where plug-ins are: the folder that the environment variable PINFER_PLUGINS names, or else
  // ../lib/pinfer of the running program; never the current folder. Errors: invalid_argument (a
  // relative path), unavailable.
  static Result<std::filesystem::path> folder();

  // The table that the function `entry` of the file returns. It stays, and the library with it,
  // for good: what plug-ins link keeps registries and thread-local values that must stay mapped.
  // Error unavailable: no such file, a library that it links is missing (the loader's sentence),
  // no plug-in of Pinfer.
  static Result<const void*> load(const std::filesystem::path& path, const char* entry);
};

}  // namespace pinfer
