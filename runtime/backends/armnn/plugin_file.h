// SPDX-License-Identifier: Apache-2.0
// PluginFile: libpinfer-armnn.so found, loaded, and known to speak the same abi.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/backends/armnn/abi.h"
#include "runtime/core/result.h"

namespace pinfer::nn {

class PluginFile final {
 public:
  // In the folder that the environment variable PINFER_PLUGINS names, or else in ../lib/pinfer of
  // the running program; never in the current folder. Error `unavailable`: what is not installed.
  static Result<PluginFile> open();
  static Result<PluginFile> open(const std::filesystem::path& path);

  [[nodiscard]] const PluginTable& table() const noexcept { return *table_; }
  // What Arm NN offers here: "Arm NN 22.0.0: CpuRef".
  [[nodiscard]] Result<std::string> describe() const;

 private:
  struct Close {
    void operator()(void* handle) const noexcept;
  };
  PluginFile() = default;

  std::unique_ptr<void, Close> handle_;
  const PluginTable* table_ = nullptr;
};

}  // namespace pinfer::nn
