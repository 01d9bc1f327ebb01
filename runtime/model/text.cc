// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/text.h"

#include <cstdint>

namespace pinfer {
namespace {

// Length of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none. Overlong
// forms, surrogates and values above U+10FFFF are not well-formed.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const std::uint8_t second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
    return 0;
  return length;
}

// C0, DEL and C1 (U+0080..U+009F, C2 80..C2 9F): terminals act on them.
bool is_control(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
}

bool is_printable_ascii(std::string_view text) {
  bool printable = true;
  for (const char c : text) printable &= c >= 0x20 && c < 0x7f;
  return printable;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t max_bytes) {
  // No further than is kept: a name of megabytes may be that of many tensors.
  const std::string_view kept = text.substr(0, max_bytes);
  if (is_printable_ascii(kept)) return std::string(kept);
  std::string clean;
  clean.reserve(text.size() < max_bytes ? text.size() : max_bytes);
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    const bool good = length != 0 && !is_control(character);
    if (clean.size() + (good ? length : 1) > max_bytes) break;
    if (good)
      clean.append(character);
    else
      clean.push_back('?');
    text.remove_prefix(character.size());
  }
  return clean;
}

}  // namespace pinfer
