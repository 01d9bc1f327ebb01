// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/armnn/armnn_library.h"

#include <string_view>

#include "runtime/core/plugin_file.h"

namespace pinfer::nn {
namespace {

// What a build without Arm NN's headers has to say besides.
constexpr const char* kNotBuilt =
#ifdef PINFER_HAVE_ARMNN_PLUGIN
    "";
#else
    "; this build has none: install libarmnn-dev and build again";
#endif

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

}  // namespace

Result<const PluginTable*> armnn_table() {
  const auto folder = PluginFile::folder();
  if (!folder) return fail(folder.error().code, "armnn: {}", folder.error().message);
  const std::filesystem::path path = *folder / kFileName;
  const auto loaded = PluginFile::load(path, kEntryName);
  if (!loaded) {
    const std::string& why = loaded.error().message;
    if (const std::string package = package_of(why); !package.empty())
      return fail(loaded.error().code,
                  "armnn: not installed: apt install {} and a libarmnn-cpuref-backend, "
                  "-cpuacc-backend or -gpuacc-backend of the same number ({})",
                  package, why);
    return fail(loaded.error().code, "armnn: {}{}", why, kNotBuilt);
  }
  const auto* table = static_cast<const PluginTable*>(*loaded);
  if (table->abi_version != kAbiVersion)
    return fail(ErrorCode::unavailable,
                "armnn: {} speaks version {} of the interface, this program {}: install both from "
                "the same build",
                path.string(), table->abi_version, kAbiVersion);
  return table;
}

Result<std::string> describe_armnn() {
  PINFER_TRY(const PluginTable* table, armnn_table());
  Sentence answer;
  const bool known = table->devices(&answer);
  answer.text[sizeof answer.text - 1] = '\0';
  if (!known) return fail(ErrorCode::unavailable, "armnn: {}", answer.text);
  return fmt::format("Arm NN {}: {}", table->arm_nn_version, answer.text);
}

}  // namespace pinfer::nn
