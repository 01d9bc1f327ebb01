// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/plugin_file.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace pinfer {

Result<std::filesystem::path> PluginFile::folder() {
  // Not for programs with more rights than their caller: the folder is the caller's word.
  if (const char* folder = ::secure_getenv("PINFER_PLUGINS"); folder != nullptr) {
    if (*folder != '/')
      return fail(ErrorCode::invalid_argument, "PINFER_PLUGINS must be an absolute path, is '{}'",
                  folder);
    return std::filesystem::path(folder);
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return fail(ErrorCode::unavailable, "/proc/self/exe: {}; set PINFER_PLUGINS", error.message());
  return program.parent_path().parent_path() / "lib" / "pinfer";
}

Result<const void*> PluginFile::load(const std::filesystem::path& path, const char* entry) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return fail(ErrorCode::unavailable, "not installed: there is no {}", path.string());
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return fail(ErrorCode::unavailable, "{} cannot be loaded: {}", path.string(),
                why == nullptr ? "no reason given" : why);
  }
  const auto table = reinterpret_cast<const void* (*)()>(::dlsym(handle, entry));
  const void* const found = table == nullptr ? nullptr : table();
  ::dlclose(handle);  // stays mapped: RTLD_NODELETE
  if (found == nullptr)
    return fail(ErrorCode::unavailable, "{} has no table by {}(): it is no plug-in of Pinfer",
                path.string(), entry);
  return found;
}

}  // namespace pinfer
