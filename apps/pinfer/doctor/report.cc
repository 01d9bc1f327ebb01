// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/report.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <array>

namespace pinfer {
namespace {

constexpr std::size_t kWidth = 96;
constexpr std::size_t kIndent = 10;

// Words from `column` on, wrapped at kWidth and indented.
void print_wrapped(std::ostream& out, std::size_t column, std::string_view text) {
  std::size_t used = column;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    if (used > kIndent && used + 1 + word.size() > kWidth) {
      fmt::print(out, "\n{:{}}", "", kIndent);
      used = kIndent;
    } else if (start > 0) {
      out << ' ';
      ++used;
    }
    out << word;
    used += word.size();
    start = end + 1;
  }
  out << "\n";
}

std::string severity_word(FindingSeverity severity) {
  return severity == FindingSeverity::danger ? "DANGER" : std::string(to_string(severity));
}

void print_finding(std::ostream& out, const Finding& finding) {
  fmt::print(out, "{:<{}}", severity_word(finding.severity), kIndent);
  print_wrapped(out, kIndent,
                (finding.subject.empty() ? "" : finding.subject + ": ") + finding.what);
  if (finding.severity == FindingSeverity::ok) return;
  if (!finding.why.empty()) {
    fmt::print(out, "{:{}}", "", kIndent);
    print_wrapped(out, kIndent, finding.why);
  }
  if (!finding.todo.empty()) {
    fmt::print(out, "{:{}}", "", kIndent);
    print_wrapped(out, kIndent, "do: " + finding.todo);
  }
  fmt::print(out, "{:{}}[{}]\n", "", kIndent, to_string(finding.id));
}

std::string count_text(std::size_t count, const char* word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

void print_findings(std::ostream& out, const std::string& title, const Findings& findings) {
  out << title << "\n\n";
  std::array<std::size_t, 4> counts{};
  for (int level = static_cast<int>(FindingSeverity::danger); level >= 0; --level) {
    for (const Finding& finding : findings) {
      if (static_cast<int>(finding.severity) != level) continue;
      ++counts[static_cast<std::size_t>(level)];
      print_finding(out, finding);
    }
  }
  fmt::print(out, "\n{}, {}, {}, {} ok\n", count_text(counts[3], "danger"),
             count_text(counts[2], "warning"), count_text(counts[1], "note"), counts[0]);
}

Json findings_json(const std::string& title, const Findings& findings) {
  Json json{{"machine", title}, {"ok", all_well(findings)}};
  json["findings"] = Json::array();
  for (const Finding& finding : findings) {
    json["findings"].push_back({{"id", to_string(finding.id)},
                                {"severity", to_string(finding.severity)},
                                {"subject", finding.subject},
                                {"what", finding.what},
                                {"why", finding.why},
                                {"do", finding.todo}});
  }
  return json;
}

bool all_well(const Findings& findings) {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity > FindingSeverity::note;
  });
}

}  // namespace pinfer
