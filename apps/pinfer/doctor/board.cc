// SPDX-License-Identifier: Apache-2.0
// Which board this is, and its chip.
#include <algorithm>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

void check_name(const Inspection& in, Findings& out) {
  Finding finding{FindingId::board_known, FindingSeverity::ok, "", "", "", ""};
  if (in.config && in.config->board != in.detected && in.detected != "generic" &&
      in.board.driver == "gpio") {
    finding.severity = FindingSeverity::warning;
    finding.what = fmt::format("the configuration is for the board {}, this one is {}",
                               in.config->board, in.detected);
    finding.why = "gpio: 17 may be another wire here";
    finding.todo = "set board: auto";
  } else if (in.board.id == "generic") {
    finding.severity = FindingSeverity::note;
    finding.what = "no board file knows this machine";
    finding.why = "lines are named by chip and offset only; nothing is known of pulls and crashes";
    finding.todo = "add boards/<name>.yaml, or set board: in the configuration";
  } else {
    finding.what = fmt::format("{}: board file {}", in.board.name, in.board.id);
  }
  out.push_back(std::move(finding));
}

void check_chip(const Inspection& in, Findings& out) {
  if (in.board.chips.empty() || !in.uses_gpio()) return;
  const std::string& label = in.board.chips.front().label;
  if (in.chips.empty()) {
    out.push_back({FindingId::gpio_chip, FindingSeverity::note,
                   "the GPIO chips cannot be seen: " + in.lines_hidden, "",
                   "run pinfer doctor as root", ""});
    return;
  }
  const auto here = std::find_if(in.chips.begin(), in.chips.end(),
                                 [&](const ChipState& chip) { return chip.label == label; });
  if (here == in.chips.end()) {
    std::string labels;
    for (const ChipState& chip : in.chips) labels += (labels.empty() ? "" : ", ") + chip.label;
    out.push_back({FindingId::gpio_chip, FindingSeverity::danger,
                   fmt::format("no chip has the label {}, which the header hangs on", label),
                   "chips here: " + labels, "check that the board and its kernel are supported",
                   ""});
    return;
  }
  out.push_back(
      {FindingId::gpio_chip, FindingSeverity::ok,
       fmt::format("the header's chip {} is {}, {} lines", label, here->device, here->lines), "",
       "", ""});
}

}  // namespace

void check_board(const Inspection& in, Findings& out) {
  check_name(in, out);
  if (!in.board.unsupported.empty()) {
    out.push_back({FindingId::board_supported, FindingSeverity::warning,
                   "Pinfer does not support this board: " + in.board.unsupported, "", "", ""});
  }
  check_chip(in, out);
}

}  // namespace pinfer
