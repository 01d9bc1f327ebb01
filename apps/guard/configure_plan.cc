// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/configure_plan.h"

namespace pinfer {
namespace {

bool clash(const OutputSpec& a, const OutputSpec& b) noexcept {
  return a.name == b.name || a.same_line(b);
}

Result<void> check_specs(std::span<const LineSpec> specs) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (specs[i].name == specs[j].name)
        return fail(ErrorCode::config, "two outputs have the name {}; give each its own",
                    specs[i].name.view());
      if (specs[i].same_line(specs[j]))
        return fail(
            ErrorCode::config, "outputs {} and {} both use line {} of chip {}; give each its own",
            specs[j].name.view(), specs[i].name.view(), specs[i].offset, specs[i].chip.view());
    }
  }
  return {};
}

}  // namespace

Result<ConfigurePlan> plan_configure(std::span<const Line, kMaxLines> lines, ClientId client,
                                     const ClientName& name, std::span<const LineSpec> specs) {
  PINFER_CHECK(check_specs(specs));
  ConfigurePlan plan;
  std::bitset<kMaxLines> keep;
  std::size_t adds = 0;
  for (const LineSpec& spec : specs) {
    int slot = ConfigurePlan::kAdd;
    for (std::size_t i = 0; i < kMaxLines; ++i) {
      const Line& line = lines[i];
      if (!line.claimed() || !clash(line.spec, spec)) continue;
      const bool free = line.client == client || line.client == kNoClient;
      if (!free)
        return fail(ErrorCode::refused,
                    "output {}: {} owns it as output {}; stop that client first", spec.name.view(),
                    line.configured_by.view(), line.spec.name.view());
      if (line.spec == spec) {
        slot = static_cast<int>(i);
        keep.set(i);
      } else {
        plan.drop.set(i);
        if (line.spec.same_line(spec)) plan.moved.set(i);
      }
    }
    adds += slot == ConfigurePlan::kAdd ? 1 : 0;
    if (!plan.slots.push_back(slot))
      return fail(ErrorCode::over_budget, "{} outputs asked for; one client can have {}",
                  specs.size(), kMaxClientLines);
  }
  std::size_t claimed = 0;
  for (std::size_t i = 0; i < kMaxLines; ++i) {
    const Line& line = lines[i];
    if (!line.claimed()) continue;
    ++claimed;
    const bool mine =
        line.client == client || (line.client == kNoClient && line.configured_by == name);
    if (mine && !keep.test(i)) plan.drop.set(i);
  }
  if (claimed - plan.drop.count() + adds > kMaxLines)
    return fail(ErrorCode::over_budget,
                "{} more outputs asked for, but the guard's table of {} lines is full", adds,
                kMaxLines);
  return plan;
}

}  // namespace pinfer
