// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/config_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/pipeline/utf8.h"

namespace pinfer {

ConfigSource::ConfigSource(std::string file, std::string_view text) : file_(std::move(file)) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text_ = text;
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n' && i + 1 < text_.size()) starts_.push_back(i + 1);
  }
}

std::string_view ConfigSource::line(int number) const noexcept {
  const auto index = static_cast<std::size_t>(number) - 1;
  if (number < 1 || index >= starts_.size()) return {};
  const std::size_t end = index + 1 < starts_.size() ? starts_[index + 1] : text_.size();
  std::string_view line(text_.data() + starts_[index], end - starts_[index]);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

TextPlace ConfigSource::place(int number, int byte, TextPlace earlier) const noexcept {
  const std::string_view text = line(number);
  const auto end = std::min(static_cast<std::size_t>(std::max(byte, 0)), text.size());
  auto start = static_cast<std::size_t>(earlier.byte);
  if (earlier.line != number || start > end) {
    earlier = {number, 1, 0};
    start = 0;
  }
  const std::size_t between = count_characters(text.substr(start, end - start));
  return {number, earlier.column + static_cast<int>(between), static_cast<int>(end)};
}

Diagnostic ConfigSource::at(TextPlace place, std::string path, std::string message) const {
  constexpr int kBefore = 75;  // characters shown of a long line
  constexpr int kAfter = 25;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  const std::string_view text = line(place.line);
  std::size_t from = std::min(static_cast<std::size_t>(place.byte), text.size());
  std::size_t to = from;
  int before = 0;
  for (; from > 0 && before < std::min(kBefore, place.column - 1); ++before) {
    do --from;
    while (from > 0 && continues(text[from]));
  }
  for (int after = 0; to < text.size() && after < kAfter + kBefore - before; ++after) {
    do ++to;
    while (to < text.size() && continues(text[to]));
  }
  return {Severity::error,
          file_,
          place.line,
          place.column,
          std::move(path),
          std::move(message),
          std::string(text.substr(from, to - from)),
          before + 1};
}

namespace {

// The first byte of a line that is not text, or npos.
std::size_t first_bad_byte(std::string_view line) {
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = utf8_length(line.substr(i));
    if (length == 0 || !is_text(line.substr(i, length))) return i;
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace

std::vector<Diagnostic> check_text(const ConfigSource& source) {
  std::vector<Diagnostic> found;
  if (source.text().size() > kMaxConfigBytes) {
    Diagnostic whole;
    whole.file = source.file();
    whole.message =
        fmt::format("the file has {} bytes, at most {} are allowed; is this the right file?",
                    source.text().size(), kMaxConfigBytes);
    return {whole};
  }
  for (int number = 1; number <= static_cast<int>(source.line_count()); ++number) {
    const std::string_view line = source.line(number);
    if (const std::size_t bad = first_bad_byte(line); bad != std::string_view::npos) {
      const auto byte = static_cast<unsigned char>(line[bad]);
      Diagnostic error = source.at(source.place(number, static_cast<int>(bad)), "",
                                   fmt::format("byte 0x{:02x} is not UTF-8 text", byte));
      error.source.clear();
      return {error};  // a binary file has one error, not thousands
    }
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') continue;
    const std::size_t tab = line.substr(0, start).find('\t');
    if (tab == std::string_view::npos) continue;
    found.push_back(source.at(source.place(number, static_cast<int>(tab)), "",
                              "a tab in the indentation; YAML wants spaces"));
  }
  return found;
}

}  // namespace pinfer
