// SPDX-License-Identifier: Apache-2.0
// LineWatch: the level on the wire of an output, seen from outside of the process that drives it.
#pragma once

#include <optional>
#include <string>

#include "apps/pinfer/line_states.h"
#include "apps/pipeline/board.h"
#include "drivers/output/memory_chip.h"
#include "drivers/output/output_spec.h"

namespace pinfer {

class LineWatch final {
 public:
  // A memory line is watched itself. A GPIO line needs a wire to another line, `read_back`: "17" or
  // "gpio:17", "pin:11", a name, or "label:offset"; without one there is nothing to see. Errors:
  // invalid_argument (read_back for another driver, or the output's own line), those of find_line()
  // and InputLine::open(), not_found (the memory chip is not there yet).
  static Result<LineWatch> open(const OutputSpec& spec, const Board& board,
                                const std::string& read_back);

  [[nodiscard]] bool sees() const noexcept { return chip_ || wire_; }
  // The logical level; nothing when it cannot be read.
  [[nodiscard]] std::optional<bool> read() const noexcept;
  // "the line itself", "GPIO27 (header pin 13)"
  [[nodiscard]] const std::string& place() const noexcept { return place_; }

 private:
  OutputSpec spec_;
  std::optional<MemoryChip> chip_;
  std::optional<InputLine> wire_;
  std::string place_;
};

// What --read-back says, as a request of the board. Errors: invalid_argument.
Result<LineRequest> parse_line_request(const std::string& text);

}  // namespace pinfer
