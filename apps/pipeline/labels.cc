// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/labels.h"

#include <charconv>
#include <optional>

#include "apps/pipeline/utf8.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

std::string_view trim_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(trim_end(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

struct Numbered {
  std::size_t number;
  std::string_view label;
};

// "7  truck" and "7: truck".
std::optional<Numbered> numbered(std::string_view line) {
  Numbered result{};
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), result.number);
  if (error != std::errc{}) return std::nullopt;
  std::string_view rest = line.substr(static_cast<std::size_t>(end - line.data()));
  if (rest.starts_with(':')) rest.remove_prefix(1);
  const std::size_t start = rest.find_first_not_of(" \t");
  if (start == 0 || start == std::string_view::npos) return std::nullopt;
  result.label = rest.substr(start);
  return result;
}

// The labels of a file whose lines all carry rising numbers; empty where they do not.
std::vector<std::string> numbered_labels(std::span<const std::string_view> lines) {
  std::vector<std::string> labels;
  for (const std::string_view line : lines) {
    const auto entry = numbered(line);
    if (!entry || entry->number < labels.size() || entry->number >= kMaxLabels) return {};
    labels.resize(entry->number);
    labels.emplace_back(entry->label);
  }
  return labels;
}

}  // namespace

Result<std::vector<std::string>> parse_labels(std::string_view text, std::string_view name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::vector<std::string_view> lines = split_lines(text);
  if (lines.empty()) return fail(ErrorCode::invalid_argument, "{}: holds no labels", name);
  if (lines.size() > kMaxLabels) {
    return fail(ErrorCode::over_budget, "{}: {} labels, at most {} are allowed", name, lines.size(),
                kMaxLabels);
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].size() > kMaxLabelLength) {
      return fail(ErrorCode::over_budget, "{}:{}: a label of {} bytes, at most {} are allowed",
                  name, i + 1, lines[i].size(), kMaxLabelLength);
    }
    if (!is_text(lines[i])) {
      return fail(ErrorCode::invalid_argument, "{}:{}: not UTF-8 text; is this a label file?", name,
                  i + 1);
    }
  }
  std::vector<std::string> labels = numbered_labels(lines);
  if (labels.empty()) labels.assign(lines.begin(), lines.end());
  return labels;
}

Result<std::vector<std::string>> load_labels(const std::string& path) {
  PINFER_TRY(const std::string text, read_file(path, kMaxLabelFileBytes));
  return parse_labels(text, path);
}

std::string_view label_of(std::span<const std::string> labels, std::int32_t class_id) noexcept {
  const auto index = static_cast<std::size_t>(class_id);
  return class_id >= 0 && index < labels.size() ? std::string_view(labels[index])
                                                : std::string_view{};
}

std::vector<std::int32_t> classes_of(std::span<const std::string> labels, std::string_view label) {
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == label) classes.push_back(static_cast<std::int32_t>(i));
  }
  return classes;
}

}  // namespace pinfer
