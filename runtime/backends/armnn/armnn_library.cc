// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/armnn/armnn_library.h"

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

}  // namespace

Result<const PluginTable*> armnn_table() {
  const auto loaded = load_plugin({kFileName, kEntryName, kAbiVersion, kNotBuilt});
  if (loaded) return static_cast<const PluginTable*>(*loaded);
  const Error& error = loaded.error();
  if (const std::string package = missing_package(error.message, "libarmnn.so"); !package.empty())
    return fail(error.code,
                "armnn: not installed: apt install {} and a libarmnn-cpuref-backend, "
                "-cpuacc-backend or -gpuacc-backend of the same number ({})",
                package, error.message);
  return fail(error.code, "armnn: {}", error.message);
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
