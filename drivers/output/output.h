// SPDX-License-Identifier: Apache-2.0
// Output: one line with a safe level; made from an OutputSpec by one of the drivers in outputs.inc.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "drivers/output/output_spec.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"

namespace pinfer {

// Levels are logical: true = active, whatever voltage that is. Every driver
// - requests the line as an output at its safe level in one step, so that it never shows another,
// - drives the safe level again in its destructor, before it lets the line go.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  // backend_fault: the line may have any level now.
  virtual Status set(bool active) noexcept = 0;
  // The level of the line itself, not the last one asked for, where the hardware can tell.
  virtual Status read(bool& active) noexcept = 0;
};

// One line that is only looked at, such as an e-stop.
class Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  // backend_fault: nobody knows the level.
  virtual Status read(bool& active) noexcept = 0;
};

// What a driver needs besides the spec.
struct OutputContext {
  int log_fd = -1;  // where the `log` driver writes its lines; -1: nowhere. Not owned.
  const char* pwm_root = "/sys/class/pwm";  // where the `pwm` driver looks for its chips
};

struct OutputDriver {
  std::string_view name;
  std::string_view summary;
  Result<std::unique_ptr<Output>> (*create)(const OutputSpec& spec, const OutputContext& context);
  Result<std::unique_ptr<Input>> (*create_input)(const OutputSpec& spec,
                                                 const OutputContext& context);
};

// All drivers, in the order of outputs.inc.
std::span<const OutputDriver> output_drivers() noexcept;

// What the gpio driver stands on: "libgpiod 1.6.3", or "built without libgpiod".
std::string_view gpio_library() noexcept;

// Opens the line and drives its safe level. Errors: config (unknown driver), unsupported (built
// without the driver's library), not_found (no such chip or line), refused (somebody else has the
// line), io.
Result<std::unique_ptr<Output>> create_output(const OutputSpec& spec,
                                              const OutputContext& context = {});

// Opens the line as an input; `safe_active` and `pwm` mean nothing. The same errors.
Result<std::unique_ptr<Input>> create_input(const OutputSpec& spec,
                                            const OutputContext& context = {});

}  // namespace pinfer
