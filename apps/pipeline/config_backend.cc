// SPDX-License-Identifier: Apache-2.0
// model.backend and model.armnn: what runs the net.
#include <algorithm>
#include <array>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

constexpr std::array<std::string_view, 4> kBackends = {"auto", "cpu", "gles", "armnn"};
constexpr std::array<std::string_view, 3> kDevices = {"GpuAcc", "CpuAcc", "CpuRef"};

void read_devices(const ConfigValue& value, std::vector<std::string>& devices) {
  const std::vector<ConfigValue> items = value.items();
  if (value.is_map() || items.empty()) {
    value.mismatch("a list of GpuAcc, CpuAcc and CpuRef");
    return;
  }
  for (const ConfigValue& item : items) {
    std::string device;
    if (!item.word(kDevices, device)) continue;
    if (std::find(devices.begin(), devices.end(), device) != devices.end())
      item.error(fmt::format("{} is in the list already", device));
    devices.push_back(device);
  }
}

void read_armnn(const ConfigValue& value, ArmnnConfig& armnn) {
  if (!value.is_map()) {  // armnn: [GpuAcc, CpuRef]
    read_devices(value, armnn.devices);
    return;
  }
  Section section(value);
  if (const auto v = section.find("devices")) read_devices(*v, armnn.devices);
  if (const auto v = section.find("fast_math")) v->boolean(armnn.fast_math);
  if (const auto v = section.find("fp16")) v->boolean(armnn.fp16);
  section.finish();
}

}  // namespace

void read_backend(Section& model, ModelConfig& config) {
  if (const auto v = model.find("backend")) v->word(kBackends, config.backend);
  const auto armnn = model.find("armnn");
  if (!armnn) return;
  read_armnn(*armnn, config.armnn);
  if (config.backend != "armnn") armnn->error_at_key("armnn needs backend: armnn beside it");
}

}  // namespace pinfer
