// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/line_watch.h"

#include <charconv>

namespace pinfer {
namespace {

std::optional<int> to_number(std::string_view text) {
  constexpr int kMax = 4095;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0 || number > kMax)
    return std::nullopt;
  return number;
}

}  // namespace

Result<LineRequest> parse_line_request(const std::string& text) {
  LineRequest request;
  request.allow_reserved = true;  // it is only read
  const std::size_t colon = text.rfind(':');
  const std::string word = colon == std::string::npos ? "" : text.substr(0, colon);
  const auto number = to_number(colon == std::string::npos ? text : text.substr(colon + 1));
  if (colon == std::string::npos && !number && !text.empty()) {
    request.name = text;
  } else if (!number || (colon != std::string::npos && word.empty())) {
    return fail(ErrorCode::invalid_argument,
                "--read-back '{}': a line is gpio:17, pin:11, a name, or label:offset", text);
  } else if (word.empty() || word == "gpio") {
    request.gpio = *number;
  } else if (word == "pin") {
    request.pin = *number;
  } else {
    request.chip = word;
    request.offset = static_cast<std::uint32_t>(*number);
  }
  return request;
}

Result<LineWatch> LineWatch::open(const OutputSpec& spec, const Board& board,
                                  const std::string& read_back) {
  LineWatch watch;
  watch.spec_ = spec;
  if (spec.driver.view() != "gpio" && !read_back.empty())
    return fail(ErrorCode::invalid_argument, "output {}: only a GPIO line has a wire to read back",
                spec.name.view());
  if (spec.driver.view() == "memory") {
    PINFER_TRY(watch.chip_, MemoryChip::open(memory_chip_path(spec.chip.view())));
    watch.place_ = "the line itself";
  }
  if (read_back.empty()) return watch;
  PINFER_TRY(const LineRequest request, parse_line_request(read_back));
  PINFER_TRY(const BoardLine line, find_line(board, request));
  if (line.chip == spec.chip.view() && line.offset == spec.offset)
    return fail(ErrorCode::invalid_argument,
                "--read-back {}: that is the output's own line; wire it to another", read_back);
  PINFER_TRY(watch.wire_, InputLine::open(line.chip, line.offset));
  watch.place_ = line.place;
  return watch;
}

std::optional<bool> LineWatch::read() const noexcept {
  if (chip_) return chip_->read(spec_.offset).active;
  if (!wire_) return std::nullopt;
  const int high = wire_->read();
  if (high < 0) return std::nullopt;
  return (high == 1) != spec_.active_low;
}

}  // namespace pinfer
