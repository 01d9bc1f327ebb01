// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <vector>

#include "drivers/output/output.h"
#include "runtime/core/suggest.h"

namespace pinfer {

#define PINFER_OUTPUT(name, create, create_input, summary)                                      \
  Result<std::unique_ptr<Output>> create(const OutputSpec& spec, const OutputContext& context); \
  Result<std::unique_ptr<Input>> create_input(const OutputSpec& spec, const OutputContext& context);
#include "drivers/output/outputs.inc"
#undef PINFER_OUTPUT

namespace {

#define PINFER_OUTPUT(name, create, create_input, summary) \
  OutputDriver{#name, summary, create, create_input},
constexpr std::array kDrivers{
#include "drivers/output/outputs.inc"
};
#undef PINFER_OUTPUT

Result<const OutputDriver*> find_driver(const OutputSpec& spec) {
  std::vector<std::string_view> names;
  std::string list;
  for (const OutputDriver& driver : kDrivers) {
    if (driver.name == spec.driver.view()) return &driver;
    names.push_back(driver.name);
    list += (list.empty() ? "" : ", ") + std::string(driver.name);
  }
  const auto meant = nearest(spec.driver.view(), names);
  return fail(ErrorCode::config, "output {}: there is no driver '{}'; the drivers are {}{}",
              spec.name.view(), spec.driver.view(), list,
              meant ? fmt::format(" (did you mean {}?)", *meant) : "");
}

}  // namespace

// Of drivers whose lines only go out.
Result<std::unique_ptr<Input>> no_input(const OutputSpec& spec, const OutputContext&) {
  return fail(ErrorCode::config, "input {}: the driver {} has no inputs; use gpio or memory",
              spec.name.view(), spec.driver.view());
}

std::span<const OutputDriver> output_drivers() noexcept { return kDrivers; }

std::string_view gpio_library() noexcept { return PINFER_GPIO_LIBRARY; }

Result<std::unique_ptr<Output>> create_output(const OutputSpec& spec,
                                              const OutputContext& context) {
  PINFER_TRY(const OutputDriver* const driver, find_driver(spec));
  return driver->create(spec, context);
}

Result<std::unique_ptr<Input>> create_input(const OutputSpec& spec, const OutputContext& context) {
  PINFER_TRY(const OutputDriver* const driver, find_driver(spec));
  return driver->create_input(spec, context);
}

}  // namespace pinfer
