// SPDX-License-Identifier: Apache-2.0
// Finding: one thing that `pinfer doctor` has to say about this machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinfer {

enum class FindingSeverity : std::uint8_t { ok, note, warning, danger };

enum class FindingId : std::uint8_t {
#define PINFER_FINDING(symbol, id, about) symbol,
#include "apps/pinfer/doctor/findings.inc"
#undef PINFER_FINDING
};

struct FindingKind {
  FindingId id{};
  std::string_view name;   // "lines-survive-crash"
  std::string_view about;  // one line
};

// All kinds, in the order of findings.inc.
std::span<const FindingKind> finding_kinds() noexcept;

std::string_view to_string(FindingId id) noexcept;
std::string_view to_string(FindingSeverity severity) noexcept;  // "ok", "note", "warning", "danger"

struct Finding {
  FindingId id{};
  FindingSeverity severity = FindingSeverity::ok;
  std::string what;     // one sentence, for people who do not know the board
  std::string why;      // what it rests on or leads to; may be empty
  std::string todo;     // what to do; empty: nothing
  std::string subject;  // name of the output or device it is about; empty: the machine
};

using Findings = std::vector<Finding>;

}  // namespace pinfer
