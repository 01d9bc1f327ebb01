// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "apps/pipeline/json_text.h"
#include "apps/pipeline/utf8.h"

namespace pinfer {
namespace {

constexpr std::size_t kShownCharacters = 100;  // of a longer source line, around the caret

// The part of the source line to show, and the caret's column in it.
struct Excerpt {
  std::string text;
  std::string padding;  // as wide as what stands before the caret
};

Excerpt excerpt(const Diagnostic& diagnostic) {
  Excerpt shown;
  const auto caret = static_cast<std::size_t>(std::max(diagnostic.column, 1)) - 1;
  const std::size_t from = caret > kShownCharacters * 3 / 4 ? caret - kShownCharacters / 2 : 0;
  std::string_view rest = diagnostic.source;
  for (std::size_t i = 0; !rest.empty() && i < from + kShownCharacters; ++i) {
    const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
    if (i >= from) {
      shown.text += rest.substr(0, length);
      if (i < caret) shown.padding += rest[0] == '\t' ? '\t' : ' ';
    }
    rest.remove_prefix(length);
  }
  while (shown.padding.size() < caret - from) shown.padding += ' ';
  return shown;
}

}  // namespace

bool has_errors(std::span<const Diagnostic> diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  const auto key = [](const Diagnostic& d) {
    return std::tie(d.line, d.column, d.path, d.message);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end()), diagnostics.end());
}

std::string render_text(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  out += ": ";
  if (diagnostic.severity == Severity::warning) out += "warning: ";
  if (!diagnostic.path.empty()) out += diagnostic.path + ": ";
  out += diagnostic.message + '\n';
  if (diagnostic.line > 0 && !diagnostic.source.empty()) {
    const Excerpt shown = excerpt(diagnostic);
    out += fmt::format("  {}\n  {}^\n", shown.text, shown.padding);
  }
  return out;
}

std::string render_text(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render_text(diagnostic);
  return out;
}

std::string render_json(std::span<const Diagnostic> diagnostics) {
  std::string out = "[";
  for (const Diagnostic& d : diagnostics) {
    if (out.size() > 1) out += ',';
    out += fmt::format(
        R"({{"severity":"{}","file":{},"line":{},"column":{},"path":{},"message":{},"source":{}}})",
        d.severity == Severity::error ? "error" : "warning", json_text(d.file), d.line, d.column,
        json_text(d.path), json_text(d.message), json_text(d.source));
  }
  return out + "]";
}

}  // namespace pinfer
