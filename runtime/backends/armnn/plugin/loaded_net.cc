// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/armnn/plugin/loaded_net.h"

#include <algorithm>
#include <string_view>

namespace pinfer::nn {
namespace {

// The fastest first.
constexpr const char* kUsual[] = {"GpuAcc", "CpuAcc", "CpuRef"};
constexpr std::size_t kMostReasons = 4;

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// What the net has that only CpuRef computes rightly; empty: nothing.
std::string for_cpu_ref_only(const Net& net) {
  const auto many_scales = [](const NetTensor& tensor) { return tensor.scale_count > 1; };
  const auto byte_mean = [&](const NetNode& node) {
    return std::string_view(node.layer) == "mean" && node.output >= 0 &&
           node.output < net.tensor_count && net.tensors[node.output].type != ElementType::f32;
  };
  if (kChannelScalesOnCpuRefOnly &&
      std::any_of(net.tensors, net.tensors + net.tensor_count, many_scales))
    return "a scale per channel";
  if (kByteMeansOnCpuRefOnly && std::any_of(net.nodes, net.nodes + net.node_count, byte_mean))
    return "an 8-bit MEAN";
  return {};
}

std::vector<std::string> wanted_devices(const Net& net, const NetOptions& options) {
  std::vector<std::string> wanted(std::begin(kUsual), std::end(kUsual));
  if (options.device_count > 0)
    wanted.assign(options.devices, options.devices + options.device_count);
  const std::string what = for_cpu_ref_only(net);
  if (what.empty()) return wanted;
  const std::string all = joined(wanted, ", ");
  std::erase_if(wanted, [](const std::string& device) { return device != "CpuRef"; });
  if (wanted.empty())
    throw Refusal("the net has " + what +
                  ", which Arm NN " ARMNN_VERSION " computes rightly on CpuRef only, not on " +
                  all);
  return wanted;
}

// Those of the wanted ones that are here.
std::vector<armnn::BackendId> choose(const std::vector<std::string>& wanted,
                                     const std::vector<std::string>& offered) {
  std::vector<armnn::BackendId> chosen;
  for (const std::string& device : wanted)
    if (std::binary_search(offered.begin(), offered.end(), device)) chosen.emplace_back(device);
  if (!chosen.empty()) return chosen;
  const std::string number = std::to_string(ARMNN_MAJOR_VERSION);
  const std::string package = "apt install libarmnn-cpuref-backend" + number +
                              "; on ARM libarmnn-cpuacc-backend" + number +
                              " or libarmnn-gpuacc-backend" + number;
  throw Unavailable("Arm NN offers none of " + joined(wanted, ", ") + "; it offers " +
                    (offered.empty() ? "nothing (" + package + ")" : joined(offered, ", ")));
}

struct Optimized {
  armnn::IOptimizedNetworkPtr network{nullptr, nullptr};
  std::vector<std::string> messages;
};

// No network and the messages where a layer finds no device.
Optimized optimized(const NetBuilder& builder, const std::vector<armnn::BackendId>& devices,
                    armnn::IRuntime& runtime, const NetSwitches& switches) {
  Optimized result;
  try {
    result.network =
        optimize(builder.network(), devices, runtime.GetDeviceSpec(), switches, result.messages);
  } catch (const std::exception& error) {
    result.messages.emplace_back(error.what());
  }
  return result;
}

// Of one node alone what Arm NN says of it; empty when it takes it.
std::string refusal_of(const Net& net, const NetNode& node,
                       const std::vector<armnn::BackendId>& devices, armnn::IRuntime& runtime,
                       const NetSwitches& switches) {
  try {
    NetBuilder builder(net);
    builder.add_alone(node);
    const Optimized alone = optimized(builder, devices, runtime, switches);
    if (alone.network != nullptr) return {};
    return alone.messages.empty() ? "Arm NN does not say why" : alone.messages.front();
  } catch (const std::exception& error) {
    return error.what();
  }
}

// Arm NN's own messages name kinds of layers only: every node is tried alone.
std::string refusals(const Net& net, const std::vector<armnn::BackendId>& devices,
                     armnn::IRuntime& runtime, const NetSwitches& switches) {
  std::string text;
  std::size_t count = 0;
  for (std::int32_t i = 0; i < net.node_count; ++i) {
    const std::string why = refusal_of(net, net.nodes[i], devices, runtime, switches);
    if (why.empty() || ++count > kMostReasons) continue;
    text += (text.empty() ? "" : "; ") + std::string(net.nodes[i].label) + ": " + why;
  }
  if (count > kMostReasons) text += " and " + std::to_string(count - kMostReasons) + " more";
  return text;
}

}  // namespace

// Until the process ends, not until the last net does: a runtime that ends while another thread
// makes the next one would take its devices away.
std::shared_ptr<Machine> Machine::shared() {
  static const std::shared_ptr<Machine> machine = std::make_shared<Machine>();
  return machine;
}

Machine::Machine() : runtime_(nullptr, nullptr) {
  armnn::ConfigureLogging(false, false, armnn::LogSeverity::Fatal);  // it would print
  runtime_ = armnn::IRuntime::Create(armnn::IRuntime::CreationOptions());
}

std::vector<std::string> Machine::devices() const {
  std::vector<std::string> names;
  for (const armnn::BackendId& id : runtime_->GetDeviceSpec().GetSupportedBackends())
    names.push_back(id.Get());
  std::sort(names.begin(), names.end());
  return names;
}

LoadedNet::LoadedNet(const Net& net, const NetOptions& options) : machine_(Machine::shared()) {
  const std::lock_guard<std::mutex> turn(machine_->turn());
  armnn::IRuntime& runtime = machine_->runtime();
  const std::vector<armnn::BackendId> devices =
      choose(wanted_devices(net, options), machine_->devices());
  if (options.fast_math != 0 && !kHasFastMath)
    throw Unavailable("fast_math came with Arm NN 20.11; this one, " ARMNN_VERSION ", is older");
  const NetSwitches switches{options.fast_math != 0, options.fp16 != 0};
  NetBuilder builder(net);
  builder.add_whole();
  for (std::int32_t i = 0; i < net.input_count; ++i)
    inputs_.emplace_back(
        i, const_tensor(info_of(net.tensors[net.inputs[i].tensor]), net.inputs[i].data));
  for (std::int32_t i = 0; i < net.output_count; ++i)
    outputs_.emplace_back(
        i, armnn::Tensor(info_of(net.tensors[net.outputs[i].tensor]), net.outputs[i].data));
  shares_memory_ = kCanShareMemory && try_shared(builder, devices, switches);
  if (shares_memory_) return;
  Optimized whole = optimized(builder, devices, runtime, switches);
  if (whole.network == nullptr) {
    const std::string why = refusals(net, devices, runtime, switches);
    throw Refusal("Arm NN cannot take the net whole: " +
                  (why.empty() ? joined(whole.messages, "; ") : why));
  }
  std::string why;
  if (load_network(runtime, id_, std::move(whole.network), false, why) != armnn::Status::Success)
    throw std::runtime_error("Arm NN cannot load the net: " + why);
}

// False where a device does not take the caller's memory, which shows when the net runs.
bool LoadedNet::try_shared(const NetBuilder& builder, const std::vector<armnn::BackendId>& devices,
                           NetSwitches switches) {
  switches.shares_memory = true;
  armnn::IRuntime& runtime = machine_->runtime();
  Optimized whole = optimized(builder, devices, runtime, switches);
  std::string why;
  if (whole.network == nullptr ||
      load_network(runtime, id_, std::move(whole.network), true, why) != armnn::Status::Success)
    return false;
  try {
    if (run()) return true;
  } catch (...) {  // it copies then, as older releases do
  }
  runtime.UnloadNetwork(id_);
  return false;
}

LoadedNet::~LoadedNet() {
  try {
    const std::lock_guard<std::mutex> turn(machine_->turn());
    machine_->runtime().UnloadNetwork(id_);
  } catch (...) {  // nothing is left to be done
    return;
  }
}

bool LoadedNet::run() {
  return machine_->runtime().EnqueueWorkload(id_, inputs_, outputs_) == armnn::Status::Success;
}

}  // namespace pinfer::nn
