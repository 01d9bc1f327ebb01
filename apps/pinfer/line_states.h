// SPDX-License-Identifier: Apache-2.0
// ChipState, LineState: the GPIO chips of a machine and who holds their lines; nothing is changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

struct LineState {
  std::uint32_t offset = 0;
  std::string name;      // "GPIO17"; empty: the kernel knows none
  bool used = false;     // the kernel or a process has it
  std::string consumer;  // who, as far as they have said

  friend bool operator==(const LineState&, const LineState&) = default;
};

struct ChipState {
  std::string device;  // "gpiochip0"
  std::string label;   // "pinctrl-rp1"
  std::uint32_t lines = 0;
  std::vector<LineState> line;  // those that the kernel tells of, by offset

  friend bool operator==(const ChipState&, const ChipState&) = default;
};

// /sys/kernel/debug/gpio, of old and new kernels. What cannot be read is left out.
std::vector<ChipState> parse_debug_gpio(std::string_view text);

// The same by the kernel's line interface, which needs no root. Errors: not_found (no chip),
// refused (a chip may not be opened: which, and the group to join).
Result<std::vector<ChipState>> read_kernel_lines();

// The line of a chip, or null.
const LineState* find_state(const std::vector<ChipState>& chips, std::string_view label,
                            std::uint32_t offset) noexcept;

// A line that is only read: a wire that comes back from an output. Levels are voltages.
class InputLine final {
 public:
  // Errors: not_found (no chip with that label, no such line), refused (in use), io.
  static Result<InputLine> open(std::string_view label, std::uint32_t offset);

  // 1 high, 0 low, -1 cannot be read.
  [[nodiscard]] int read() const noexcept;

 private:
  UniqueFd fd_;
};

}  // namespace pinfer
