// SPDX-License-Identifier: Apache-2.0
// Expands operators.inc: the only place that does.
#include <algorithm>
#include <array>

#include "runtime/ops/operator.h"

namespace pinfer {

#define PINFER_OPERATOR(name, file, symbol) extern const Operator symbol;
#include "runtime/ops/operators.inc"
#undef PINFER_OPERATOR

namespace {

constexpr std::array kOperators = {
#define PINFER_OPERATOR(name, file, symbol) &symbol,
#include "runtime/ops/operators.inc"
#undef PINFER_OPERATOR
};

}  // namespace

std::span<const Operator* const> operators() { return kOperators; }

const Operator* find_operator(std::string_view name) {
  const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const Operator* op) { return op->name == name; });
  return found == kOperators.end() ? nullptr : *found;
}

}  // namespace pinfer
