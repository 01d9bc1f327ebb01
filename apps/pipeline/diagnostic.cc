// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "apps/pipeline/json_text.h"
#include "apps/pipeline/utf8.h"

namespace pinfer {
namespace {

// What stands before the caret, as spaces and tabs.
std::string padding(const Diagnostic& diagnostic) {
  std::string blank;
  std::string_view rest = diagnostic.source;
  for (int i = 1; i < diagnostic.caret; ++i) {
    blank += rest.starts_with('\t') ? '\t' : ' ';
    rest.remove_prefix(std::min(std::max<std::size_t>(utf8_length(rest), 1), rest.size()));
  }
  return blank;
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
    out += fmt::format("  {}\n  {}^\n", diagnostic.source, padding(diagnostic));
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
        R"({{"severity":"{}","file":{},"line":{},"column":{},"path":{},"message":{},"source":{},"caret":{}}})",
        d.severity == Severity::error ? "error" : "warning", json_text(d.file), d.line, d.column,
        json_text(d.path), json_text(d.message), json_text(d.source), d.caret);
  }
  return out + "]";
}

}  // namespace pinfer
