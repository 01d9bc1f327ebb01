// SPDX-License-Identifier: Apache-2.0
// LoadedNet: a net that Arm NN has optimised and loaded, and where its inputs and outputs lie.
#pragma once

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/backends/armnn/plugin/network.h"

namespace pinfer::nn {

// The message names the nodes.
class Refusal final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// The machine lacks a device or a package.
class Unavailable final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Arm NN's runtime. There can be only one in a process: it loads devices from files of their own
// into a registry that all of libarmnn shares, and takes them out again when it ends.
class Machine final {
 public:
  static std::shared_ptr<Machine> shared();
  Machine();

  // Sorted.
  [[nodiscard]] std::vector<std::string> devices() const;
  [[nodiscard]] armnn::IRuntime& runtime() noexcept { return *runtime_; }
  // Loading and unloading take turns; runs of different nets do not.
  [[nodiscard]] std::mutex& turn() noexcept { return turn_; }

 private:
  armnn::IRuntimePtr runtime_;
  std::mutex turn_;
};

class LoadedNet final {
 public:
  LoadedNet(const Net& net, const NetOptions& options);
  ~LoadedNet();
  LoadedNet(const LoadedNet&) = delete;
  LoadedNet& operator=(const LoadedNet&) = delete;

  [[nodiscard]] bool run();
  [[nodiscard]] bool shares_memory() const noexcept { return shares_memory_; }

 private:
  bool try_shared(const NetBuilder& builder, const std::vector<armnn::BackendId>& devices,
                  NetSwitches switches);

  std::shared_ptr<Machine> machine_;
  armnn::NetworkId id_ = 0;
  armnn::InputTensors inputs_;
  armnn::OutputTensors outputs_;
  bool shares_memory_ = false;
};

}  // namespace pinfer::nn
