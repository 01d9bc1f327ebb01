// SPDX-License-Identifier: Apache-2.0
// ConfigSource: the text of a configuration or board file, its lines and places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/diagnostic.h"

namespace pinfer {

inline constexpr std::size_t kMaxConfigBytes = 1u << 20;

// Both from 1; column in characters, not bytes.
struct TextPlace {
  int line = 1;
  int column = 1;
  int byte = 0;  // of the line, from 0
};

class ConfigSource final {
 public:
  ConfigSource(std::string file, std::string_view text);

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }  // without a BOM
  [[nodiscard]] std::size_t line_count() const noexcept { return starts_.size(); }
  // Without its end of line; "" beyond the end.
  [[nodiscard]] std::string_view line(int number) const noexcept;
  // The place of a byte of a line, from 0. `earlier`, a place before it on the same line, saves
  // counting from the start.
  [[nodiscard]] TextPlace place(int line, int byte, TextPlace earlier = {}) const noexcept;
  // An error there, with the source line or its part filled in.
  [[nodiscard]] Diagnostic at(TextPlace place, std::string path, std::string message) const;

 private:
  std::string file_;
  std::string text_;
  std::vector<std::size_t> starts_;
};

// What no YAML parser should see: too large, not text, tabs that indent.
std::vector<Diagnostic> check_text(const ConfigSource& source);

}  // namespace pinfer
