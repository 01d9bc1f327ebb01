// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/pin_mux.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace pinfer {
namespace {

constexpr const char* kFolder = "/sys/kernel/debug/pinctrl";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "PG.06" -> "_pg6", "PAC.06" -> "_pac6"; "" of other names.
std::string tegra_suffix(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos || name.front() != 'P') return "";
  std::string bit = name.substr(dot + 1);
  while (bit.size() > 1 && bit.front() == '0') bit.erase(0, 1);
  return "_" + lower(name.substr(0, dot)) + bit;
}

bool is_pin(const std::string& name, const BoardPin& pin) {
  if (pin.chip.starts_with("pinctrl-")) return name == fmt::format("gpio{}", pin.offset);
  const std::string suffix = tegra_suffix(pin.name);
  return !suffix.empty() && lower(name).ends_with(suffix);
}

bool is_controller(const std::string& folder, const BoardPin& pin) {
  return !pin.chip.starts_with("pinctrl-") || folder.ends_with(pin.chip);
}

// "device fe201000.serial function alt0 group gpio14", "GPIO pinctrl-rp1:529", "UNCLAIMED"; with
// controllers that let both have a pin: "fe201000.serial (GPIO UNCLAIMED) function ...",
// "(MUX UNCLAIMED) pinctrl-rp1:586".
PinUse parse_use(const std::string& text) {
  PinUse use;
  const std::vector<std::string> words = words_of(text);
  if (words.empty()) return use;
  if (words[0] == "device" && words.size() > 1)
    use.device = words[1];
  else if (words[0] != "GPIO" && words[0] != "UNCLAIMED" && words[0] != "(MUX")
    use.device = words[0];
  const auto function = std::find(words.begin(), words.end(), "function");
  if (function != words.end() && function + 1 != words.end()) use.function = *(function + 1);
  return use;
}

}  // namespace

std::optional<PinUse> read_pin_use(const SystemView& system, const BoardPin& pin) {
  for (const std::string& folder : system.list(kFolder)) {
    if (!is_controller(folder, pin)) continue;
    const auto text = system.read(fmt::format("{}/{}/pinmux-pins", kFolder, folder));
    for (const std::string& line : lines_of(text.value_or(""))) {
      const std::size_t open = line.find('('), close = line.find("): ");
      if (!line.starts_with("pin ") || open == std::string::npos || close == std::string::npos ||
          close < open) {
        continue;
      }
      if (is_pin(line.substr(open + 1, close - open - 1), pin))
        return parse_use(line.substr(close + 3));
    }
  }
  return std::nullopt;
}

}  // namespace pinfer
