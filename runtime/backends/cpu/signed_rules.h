// SPDX-License-Identifier: Apache-2.0
// SignedRule: the operators that may run on int8 instead of uint8, and when.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/graph/graph.h"

namespace pinfer {

struct SignedRule {
  std::string_view op;
  std::uint32_t data = 0;  // bit i: input i holds activations or weights (not indices)
  bool (*holds)(const Graph& graph, const Node& node) = nullptr;  // null: always
  bool multiplies = false;                                        // what the rewriting is for

  [[nodiscard]] bool is_data(std::size_t input) const {
    return ((data >> (input < 31 ? input : 31)) & 1) != 0;
  }
};

// The rule of a node that may be rewritten, whose uint8 operands have been checked too; else null.
const SignedRule* signed_rule(const Graph& graph, const Node& node);

// The parameters of `node` for its int8 form.
void keep_uint8_scheme(Node& node);

}  // namespace pinfer
