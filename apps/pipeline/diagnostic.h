// SPDX-License-Identifier: Apache-2.0
// Diagnostic: one thing that is wrong in a text file, with its place; for people and for machines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pinfer {

inline constexpr std::size_t kMaxDiagnostics = 1000;  // of one file; more help nobody

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  int line = 0;         // from 1; 0: the file as a whole
  int column = 0;       // from 1, in characters
  std::string path;     // "outputs.gate.gpio"; empty: the document
  std::string message;  // ends with "(did you mean ...?)" where there is a guess
  std::string source;   // the line of the file, of a long one the part around the column
  int caret = 1;        // the column inside `source`

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

bool has_errors(std::span<const Diagnostic> diagnostics);

// By position; drops exact repeats.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

// "file:line:column: path: message", the source line and a caret under the column.
std::string render_text(const Diagnostic& diagnostic);
std::string render_text(std::span<const Diagnostic> diagnostics);

// An array of {"severity","file","line","column","path","message","source","caret"}.
std::string render_json(std::span<const Diagnostic> diagnostics);

}  // namespace pinfer
