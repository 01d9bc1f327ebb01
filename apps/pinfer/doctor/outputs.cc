// SPDX-License-Identifier: Apache-2.0
// Each output of the configuration: its pull, its pin, who holds its line.
#include <algorithm>

#include "apps/pinfer/doctor/boot_files.h"
#include "apps/pinfer/doctor/inspection.h"
#include "apps/pinfer/doctor/pin_mux.h"

namespace pinfer {
namespace {

constexpr const char* kGuardName = "pinfer";  // our consumer names start with it

// One output on a line of a chip.
struct Case {
  const Inspection& in;
  const OutputConfig& output;
  const BoardPin* pin;  // null: the board file does not have it
  bool safe_high;       // the voltage of its safe level

  [[nodiscard]] std::string level() const { return safe_high ? "high" : "low"; }
  [[nodiscard]] std::string resistor() const {
    return fmt::format("fit a resistor of 4.7 to 10 kOhm from {} to {}", output.place,
                       safe_high ? "3.3 V" : "ground");
  }
};

const BoardPin* find_pin(const Board& board, const OutputSpec& spec) {
  for (const BoardPin& pin : board.pins)
    if (pin.chip == spec.chip.view() && pin.offset == spec.offset) return &pin;
  return nullptr;
}

bool is_taken(const Config& config, const BoardPin& pin) {
  return std::any_of(config.outputs.begin(), config.outputs.end(), [&](const OutputConfig& o) {
    return o.spec.chip.view() == pin.chip && o.spec.offset == pin.offset;
  });
}

// Up to three free pins that the chip pulls to the safe level by itself.
std::string better_pins(const Case& c) {
  std::string names;
  int count = 0;
  for (const BoardPin& pin : c.in.board.pins) {
    const bool fits = pin.pull == (c.safe_high ? ResetPull::up : ResetPull::down);
    if (!fits || !pin.reserved.empty() || is_taken(*c.in.config, pin) || count == 3) continue;
    names += fmt::format("{}{} (header pin {})", count == 0 ? "" : ", ", pin.name, pin.pin);
    ++count;
  }
  return names;
}

void check_pull(const Case& c, Findings& out) {
  const ResetPull pull = c.pin == nullptr ? ResetPull::unknown : c.pin->pull;
  Finding finding{FindingId::output_pull, FindingSeverity::ok, "", "", "", c.output.name};
  if (pull == ResetPull::unknown || pull == ResetPull::none) {
    finding.severity = FindingSeverity::warning;
    finding.what = fmt::format("{} that holds {} {}, its safe level, before the guard starts",
                               pull == ResetPull::none ? "there is nothing" : "nothing is known",
                               c.output.place, c.level());
    finding.todo = c.resistor();
  } else if ((pull == ResetPull::up) == c.safe_high) {
    finding.what = fmt::format("after power-on a weak pull-{} holds {} {}, its safe level",
                               to_string(pull), c.output.place, c.level());
  } else {
    finding.severity = FindingSeverity::danger;
    finding.what =
        fmt::format("from power-on until the guard starts a pull-{} makes {} {}: not safe",
                    to_string(pull), c.output.place, c.safe_high ? "low" : "high");
    const std::string better = better_pins(c);
    finding.todo = better.empty() ? c.resistor() : "use a pin with the other pull: " + better;
  }
  out.push_back(std::move(finding));
}

void check_bias(const Case& c, Findings& out) {
  const Bias bias = c.output.spec.bias;
  const bool against = c.safe_high ? bias == Bias::pull_down : bias == Bias::pull_up;
  if (!against) return;
  out.push_back({FindingId::output_bias, FindingSeverity::warning,
                 fmt::format("bias: {} pulls {} away from its safe level, which is {}",
                             c.safe_high ? "down" : "up", c.output.place, c.level()),
                 "it decides as soon as nobody drives the line",
                 fmt::format("set bias: {}", c.safe_high ? "up" : "down"), c.output.name});
}

void check_boot_level(const Case& c, const std::vector<std::string>& config, Findings& out) {
  if (c.pin == nullptr || c.pin->gpio < 0) return;
  const auto high = boot_level(config, c.pin->gpio);
  if (!high) return;
  const std::string word = *high ? "dh" : "dl";
  Finding finding{
      FindingId::output_boot_level,
      FindingSeverity::ok,
      fmt::format("config.txt drives {} {} at boot, its safe level", c.output.place, c.level()),
      "some seconds after power-on; before that only the pull counts",
      "",
      c.output.name};
  if (*high != c.safe_high) {
    finding.severity = FindingSeverity::danger;
    finding.what = fmt::format("config.txt drives {} {} at boot: not safe", c.output.place,
                               *high ? "high" : "low");
    finding.todo = fmt::format("write gpio={}=op,{} instead of {}", c.pin->gpio,
                               c.safe_high ? "dh" : "dl", word);
  }
  out.push_back(std::move(finding));
}

void check_reserved(const Case& c, Findings& out) {
  if (c.pin == nullptr || c.pin->reserved.empty()) return;
  out.push_back({FindingId::output_reserved, FindingSeverity::warning,
                 fmt::format("{} is reserved: {}", c.output.place, c.pin->reserved), "",
                 "use another pin", c.output.name});
}

void check_holder(const Case& c, Findings& out) {
  if (c.in.chips.empty()) return;  // said already, of the chip
  const LineState* line = find_state(c.in.chips, c.output.spec.chip.view(), c.output.spec.offset);
  Finding finding{FindingId::output_held,
                  FindingSeverity::ok,
                  fmt::format("nobody else holds {}", c.output.place),
                  "",
                  "",
                  c.output.name};
  if (line != nullptr && line->used && line->consumer.starts_with(kGuardName)) {
    finding.what = fmt::format("{} is held by {}", c.output.place, line->consumer);
  } else if (line != nullptr && line->used) {
    const std::string who = line->consumer.empty() ? "the kernel" : "'" + line->consumer + "'";
    finding.severity = FindingSeverity::danger;
    finding.what =
        fmt::format("{} is held by {}, so the guard cannot have it", c.output.place, who);
    finding.todo =
        line->consumer == "sysfs"
            ? "somebody has exported it: stop that program, then unexport it in /sys/class/gpio"
            : "stop that program, or take the overlay out of config.txt, or use another pin";
  }
  out.push_back(std::move(finding));
}

void check_mux(const Case& c, Findings& out) {
  if (c.pin == nullptr) return;
  const auto use = read_pin_use(c.in.system, *c.pin);
  Finding finding{FindingId::output_mux, FindingSeverity::ok, "", "", "", c.output.name};
  if (use && !use->device.empty()) {
    finding.severity = FindingSeverity::danger;
    finding.what = fmt::format("the pin of {} belongs to {}{}", c.output.place, use->device,
                               use->function.empty() ? "" : " (" + use->function + ")");
    finding.todo =
        "switch that device off in the device tree (Raspberry Pi: config.txt), or use another pin";
  } else if (c.in.board.pinmux == PinMux::boot) {
    finding.severity = FindingSeverity::note;
    finding.what = fmt::format("whether {} is connected to its GPIO controller cannot be read here",
                               c.output.place);
    finding.why =
        "this kernel's GPIO driver does not switch a pad; a pin that was not muxed reads "
        "about 1.6 V";
    finding.todo =
        "mux it as GPIO by the BCT or an overlay, and see pinfer gpio test " + c.output.name;
  } else if (use) {
    finding.what = fmt::format("no device has the pin of {}", c.output.place);
  } else {
    return;  // without debugfs there is nothing to say; the request of the line will tell
  }
  out.push_back(std::move(finding));
}

}  // namespace

void check_outputs(const Inspection& in, Findings& out) {
  if (!in.config) return;
  const std::vector<std::string> boot = boot_config(in.system);
  for (const OutputConfig& output : in.config->outputs) {
    if (output.spec.driver.view() != "gpio") continue;
    const Case c{in, output, find_pin(in.board, output.spec),
                 output.spec.safe_active != output.spec.active_low};
    check_pull(c, out);
    check_bias(c, out);
    check_boot_level(c, boot, out);
    check_reserved(c, out);
    check_holder(c, out);
    check_mux(c, out);
  }
}

}  // namespace pinfer
