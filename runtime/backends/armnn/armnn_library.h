// SPDX-License-Identifier: Apache-2.0
// Arm NN behind its plug-in, libpinfer-armnn.so (abi.h): found, loaded, and known to speak the same
// version (runtime/core/plugin_file.h).
#pragma once

#include <string>

#include "runtime/backends/armnn/abi.h"
#include "runtime/core/result.h"

namespace pinfer::nn {

// Stays valid. Error unavailable: what is not installed, and how to.
Result<const PluginTable*> armnn_table();

// What Arm NN offers here: "Arm NN 22.0.0: CpuRef".
Result<std::string> describe_armnn();

}  // namespace pinfer::nn
