// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/boot_files.h"

#include <algorithm>
#include <charconv>

namespace pinfer {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

int number_of(const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : -1;
}

// "17", "5,17", "0-8"
bool names_line(const std::string& list, int gpio) {
  for (const std::string& part : split(list, ',')) {
    const std::vector<std::string> ends = split(part, '-');
    const int first = number_of(ends.front()), last = number_of(ends.back());
    if (first >= 0 && first <= gpio && gpio <= last) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> boot_config(const SystemView& system) {
  auto text = system.read("/boot/firmware/config.txt");
  if (!text) text = system.read("/boot/config.txt");
  std::vector<std::string> settings;
  for (std::string line : lines_of(text.value_or(""))) {
    line.resize(std::min(line.find('#'), line.size()));
    line.erase(std::remove_if(line.begin(), line.end(),
                              [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
               line.end());
    if (!line.empty() && line.front() != '[') settings.push_back(line);
  }
  return settings;
}

bool asks_for_strict_gpiod(const std::vector<std::string>& config) {
  return std::any_of(config.begin(), config.end(), [](const std::string& setting) {
    if (!setting.starts_with("dtparam=")) return false;
    const std::vector<std::string> parameters = split(setting.substr(8), ',');
    return std::any_of(parameters.begin(), parameters.end(), [](const std::string& parameter) {
      return parameter == "strict_gpiod" || parameter == "strict_gpiod=on";
    });
  });
}

std::optional<bool> boot_level(const std::vector<std::string>& config, int gpio) {
  std::optional<bool> level;
  for (const std::string& setting : config) {
    const std::vector<std::string> parts = split(setting, '=');
    if (parts.size() != 3 || parts[0] != "gpio" || !names_line(parts[1], gpio)) continue;
    for (const std::string& word : split(parts[2], ',')) {
      if (word == "dh") level = true;
      if (word == "dl") level = false;
    }
  }
  return level;
}

}  // namespace pinfer
