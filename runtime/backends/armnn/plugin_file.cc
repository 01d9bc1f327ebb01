// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/armnn/plugin_file.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string_view>

namespace pinfer::nn {
namespace {

constexpr const char* kFileName = "libpinfer-armnn.so";

// What a build without Arm NN's headers has to say besides.
constexpr const char* kNotBuilt =
#ifdef PINFER_HAVE_ARMNN_PLUGIN
    "";
#else
    "; this build has none: install libarmnn-dev and build again";
#endif

Result<std::filesystem::path> plugin_folder() {
  // Not for programs with more rights than their caller: the folder is the caller's word.
  if (const char* folder = ::secure_getenv("PINFER_PLUGINS"); folder != nullptr) {
    if (*folder != '/')
      return fail(ErrorCode::invalid_argument,
                  "armnn: PINFER_PLUGINS must be an absolute path, is '{}'", folder);
    return std::filesystem::path(folder);
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return fail(ErrorCode::unavailable, "armnn: /proc/self/exe: {}; set PINFER_PLUGINS",
                error.message());
  return program.parent_path().parent_path() / "lib" / "pinfer";
}

// "libarmnn22" where the loader misses libarmnn.so.22.
std::string package_of(std::string_view why) {
  constexpr std::string_view kLibrary = "libarmnn.so.";
  const std::size_t at = why.find(kLibrary);
  if (at == std::string_view::npos) return {};
  std::string number;
  for (const char c : why.substr(at + kLibrary.size())) {
    if (c < '0' || c > '9') break;
    number += c;
  }
  return "libarmnn" + number;
}

tl::unexpected<Error> not_loaded(const std::filesystem::path& path) {
  const char* text = ::dlerror();
  const std::string why = text == nullptr ? "no reason given" : text;
  if (const std::string package = package_of(why); !package.empty())
    return fail(ErrorCode::unavailable,
                "armnn: not installed: apt install {} and a libarmnn-cpuref-backend, "
                "-cpuacc-backend or -gpuacc-backend of the same number ({})",
                package, why);
  return fail(ErrorCode::unavailable, "armnn: {} cannot be loaded: {}", path.string(), why);
}

}  // namespace

void PluginFile::Close::operator()(void* handle) const noexcept { ::dlclose(handle); }

Result<PluginFile> PluginFile::open() {
  PINFER_TRY(const std::filesystem::path folder, plugin_folder());
  return open(folder / kFileName);
}

Result<PluginFile> PluginFile::open(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return fail(ErrorCode::unavailable, "armnn: not installed: there is no {}{}", path.string(),
                kNotBuilt);
  PluginFile plugin;
  // RTLD_NODELETE: Arm NN keeps a registry and thread-local values that must stay mapped.
  plugin.handle_.reset(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (plugin.handle_ == nullptr) return not_loaded(path);
  const auto entry = reinterpret_cast<Entry>(::dlsym(plugin.handle_.get(), kEntryName));
  if (entry == nullptr)
    return fail(ErrorCode::unavailable, "armnn: {} has no {}: it is no plug-in of Pinfer",
                path.string(), kEntryName);
  plugin.table_ = entry();
  if (plugin.table_ == nullptr || plugin.table_->abi_version != kAbiVersion)
    return fail(ErrorCode::unavailable,
                "armnn: {} speaks version {} of the interface, this program {}: install both from "
                "the same build",
                path.string(), plugin.table_ == nullptr ? 0 : plugin.table_->abi_version,
                kAbiVersion);
  return plugin;
}

Result<std::string> PluginFile::describe() const {
  Sentence answer;
  const bool known = table_->devices(&answer);
  answer.text[sizeof answer.text - 1] = '\0';
  if (!known) return fail(ErrorCode::unavailable, "armnn: {}", answer.text);
  return fmt::format("Arm NN {}: {}", table_->arm_nn_version, answer.text);
}

}  // namespace pinfer::nn
