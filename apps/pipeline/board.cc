// SPDX-License-Identifier: Apache-2.0
// Finding a line on a board.
#include "apps/pipeline/board.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

std::string mean(std::optional<std::string_view> guess) {
  return guess ? fmt::format(" (did you mean {}?)", *guess) : "";
}

// The nearest of what could have been meant among the free pins.
template <class Name>
std::string suggest(const Board& board, std::string_view word, const Name& name) {
  std::vector<std::string> known;
  for (const BoardPin& pin : board.pins) {
    if (pin.reserved.empty()) known.push_back(name(pin));
  }
  std::stable_sort(known.begin(), known.end(), [](const std::string& a, const std::string& b) {
    return a.size() < b.size() || (a.size() == b.size() && a < b);
  });
  std::erase(known, "");
  return mean(nearest(word, known));
}

Result<BoardLine> line_of(const Board& board, const BoardPin& pin, bool allow_reserved) {
  if (!pin.reserved.empty() && !allow_reserved) {
    return fail(ErrorCode::refused,
                "{} (header pin {}) of {} is reserved: {}; add 'allow_reserved: yes' to use it all "
                "the same",
                pin.name, pin.pin, board.name, pin.reserved);
  }
  const std::string number = fmt::format("GPIO{}", pin.gpio);
  const std::string also = pin.gpio < 0 || pin.name == number ? "" : number + ", ";
  return BoardLine{pin.chip, pin.offset, pin.pull,
                   fmt::format("{} ({}header pin {})", pin.name, also, pin.pin)};
}

Result<BoardLine> no_header(const Board& board, std::string_view what) {
  return fail(ErrorCode::not_found,
              "{} means nothing on the board '{}', which has no header table; set board: to the "
              "board it is for, or name the line by chip and offset",
              what, board.id);
}

Result<BoardLine> by_gpio(const Board& board, const LineRequest& request) {
  for (const BoardPin& pin : board.pins) {
    if (pin.gpio == *request.gpio) return line_of(board, pin, request.allow_reserved);
  }
  const auto number = [](const BoardPin& p) { return p.gpio < 0 ? "" : std::to_string(p.gpio); };
  return fail(ErrorCode::not_found, "GPIO{} does not exist on {}{}", *request.gpio, board.name,
              suggest(board, std::to_string(*request.gpio), number));
}

Result<BoardLine> by_pin(const Board& board, const LineRequest& request) {
  for (const BoardPin& pin : board.pins) {
    if (pin.pin == *request.pin) return line_of(board, pin, request.allow_reserved);
  }
  for (const BoardSupply& supply : board.supplies) {
    if (supply.pin != *request.pin) continue;
    // the free pin nearest on the header
    const BoardPin* near = nullptr;
    for (const BoardPin& pin : board.pins) {
      const auto distance = [&](const BoardPin& p) { return std::abs(p.pin - supply.pin); };
      if (pin.reserved.empty() && (near == nullptr || distance(pin) < distance(*near))) near = &pin;
    }
    return fail(ErrorCode::not_found, "header pin {} of {} is {}, not a line{}", supply.pin,
                board.name, supply.what,
                near == nullptr ? "" : fmt::format(" (did you mean {}?)", near->pin));
  }
  return fail(ErrorCode::not_found, "header pin {} does not exist on {}{}", *request.pin,
              board.name, suggest(board, std::to_string(*request.pin), [](const BoardPin& p) {
                return std::to_string(p.pin);
              }));
}

Result<BoardLine> by_name(const Board& board, const LineRequest& request) {
  for (const BoardPin& pin : board.pins) {
    if (pin.name == *request.name) return line_of(board, pin, request.allow_reserved);
  }
  return fail(ErrorCode::not_found, "{} has no line called {}{}", board.name, *request.name,
              suggest(board, *request.name, [](const BoardPin& p) { return p.name; }));
}

Result<BoardLine> by_offset(const Board& board, const LineRequest& request) {
  for (const BoardPin& pin : board.pins) {
    if (pin.chip == request.chip && pin.offset == request.offset) {
      return line_of(board, pin, request.allow_reserved);
    }
  }
  for (const BoardChip& chip : board.chips) {
    if (chip.label != request.chip || request.offset < chip.lines) continue;
    return fail(ErrorCode::not_found, "chip {} of {} has lines 0 to {}, not {}", chip.label,
                board.name, chip.lines - 1, request.offset);
  }
  return BoardLine{request.chip, request.offset, ResetPull::unknown,
                   fmt::format("{} line {}", request.chip, request.offset)};
}

}  // namespace

Result<BoardLine> find_line(const Board& board, const LineRequest& request) {
  if (!request.chip.empty()) return by_offset(board, request);
  if (request.gpio) {
    return board.pins.empty() ? no_header(board, fmt::format("GPIO{}", *request.gpio))
                              : by_gpio(board, request);
  }
  if (request.pin) {
    return board.pins.empty() ? no_header(board, fmt::format("header pin {}", *request.pin))
                              : by_pin(board, request);
  }
  if (request.name) {
    return board.pins.empty() ? no_header(board, fmt::format("line {}", *request.name))
                              : by_name(board, request);
  }
  return fail(ErrorCode::invalid_argument, "no line is named");
}

}  // namespace pinfer
