// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <vector>

#include "drivers/output/output.h"
#include "runtime/core/suggest.h"

namespace pinfer {

#define PINFER_OUTPUT(name, create, summary) \
  Result<std::unique_ptr<Output>> create(const OutputSpec& spec, const OutputContext& context);
#include "drivers/output/outputs.inc"
#undef PINFER_OUTPUT

namespace {

#define PINFER_OUTPUT(name, create, summary) OutputDriver{#name, summary, create},
constexpr std::array kDrivers{
#include "drivers/output/outputs.inc"
};
#undef PINFER_OUTPUT

}  // namespace

std::span<const OutputDriver> output_drivers() noexcept { return kDrivers; }

std::string_view gpio_library() noexcept { return PINFER_GPIO_LIBRARY; }

Result<std::unique_ptr<Output>> create_output(const OutputSpec& spec,
                                              const OutputContext& context) {
  std::vector<std::string_view> names;
  std::string list;
  for (const OutputDriver& driver : kDrivers) {
    if (driver.name == spec.driver.view()) return driver.create(spec, context);
    names.push_back(driver.name);
    list += (list.empty() ? "" : ", ") + std::string(driver.name);
  }
  const auto meant = nearest(spec.driver.view(), names);
  return fail(ErrorCode::config, "output {}: there is no driver '{}'; the drivers are {}{}",
              spec.name.view(), spec.driver.view(), list,
              meant ? fmt::format(" (did you mean {}?)", *meant) : "");
}

}  // namespace pinfer
