// SPDX-License-Identifier: Apache-2.0
// What a client's new table changes: which lines stay, which go, which come. Pure.
#pragma once

#include <bitset>
#include <span>

#include "apps/guard/lease_table.h"
#include "runtime/core/result.h"

namespace pinfer {

struct ConfigurePlan {
  static constexpr int kAdd = -1;
  FixedVector<int, kMaxClientLines> slots;  // for each spec: the slot that stays as it is, or kAdd
  std::bitset<kMaxLines> drop;              // lines of this client that go
  std::bitset<kMaxLines> moved;  // those of `drop` whose wire a line to add needs: they go first
};

// Errors: config (two specs with one name or one wire), refused (a live client owns the name or the
// wire), over_budget (the guard's table is full). A line whose client is gone yields to a spec that
// wants its name or wire, and goes when its own client's new table does not hold it.
Result<ConfigurePlan> plan_configure(std::span<const Line, kMaxLines> lines, ClientId client,
                                     const ClientName& name, std::span<const LineSpec> specs);

}  // namespace pinfer
