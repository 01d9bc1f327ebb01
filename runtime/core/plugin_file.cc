// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/plugin_file.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace pinfer {
namespace {

Result<std::filesystem::path> plugin_folder() {
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

Result<void*> open_library(const std::string& path, const PluginFile& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return fail(ErrorCode::unavailable, "not installed: there is no {}{}", path, file.if_missing);
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle != nullptr) return handle;
  const char* why = ::dlerror();
  return fail(ErrorCode::unavailable, "{} cannot be loaded: {}", path,
              why == nullptr ? "no reason given" : why);
}

}  // namespace

Result<const void*> load_plugin(const PluginFile& file) {
  PINFER_TRY(const std::filesystem::path folder, plugin_folder());
  const std::string path = (folder / file.name).string();
  PINFER_TRY(void* const handle, open_library(path, file));
  const auto entry = reinterpret_cast<const void* (*)()>(::dlsym(handle, file.entry));
  const void* const table = entry == nullptr ? nullptr : entry();
  ::dlclose(handle);  // stays mapped: RTLD_NODELETE
  if (table == nullptr)
    return fail(ErrorCode::unavailable, "{} has no table by {}(): it is no plug-in of Pinfer", path,
                file.entry);
  if (const auto version = *static_cast<const std::uint32_t*>(table); version != file.abi_version)
    return fail(ErrorCode::unavailable,
                "{} speaks version {} of the interface, this program {}: install both from the "
                "same build",
                path, version, file.abi_version);
  return table;
}

std::string missing_package(std::string_view message, std::string_view prefix) {
  constexpr std::string_view kSuffix = ".so.";
  const std::size_t begin = message.find(prefix);
  const std::size_t end = message.find(kSuffix, begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::string package(message.substr(begin, end - begin));
  std::replace(package.begin(), package.end(), '_', '-');
  for (const char c : message.substr(end + kSuffix.size())) {
    if (c < '0' || c > '9') break;
    package += c;
  }
  return package;
}

}  // namespace pinfer
