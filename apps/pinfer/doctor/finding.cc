// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/finding.h"

#include <array>

namespace pinfer {
namespace {

constexpr std::array kKinds = {
#define PINFER_FINDING(symbol, id, about) FindingKind{FindingId::symbol, id, about},
#include "apps/pinfer/doctor/findings.inc"
#undef PINFER_FINDING
};

}  // namespace

std::span<const FindingKind> finding_kinds() noexcept { return kKinds; }

std::string_view to_string(FindingId id) noexcept {
  return kKinds[static_cast<std::size_t>(id)].name;
}

std::string_view to_string(FindingSeverity severity) noexcept {
  switch (severity) {
    case FindingSeverity::ok:
      return "ok";
    case FindingSeverity::note:
      return "note";
    case FindingSeverity::warning:
      return "warning";
    case FindingSeverity::danger:
      break;
  }
  return "danger";
}

}  // namespace pinfer
