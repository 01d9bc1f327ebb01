// SPDX-License-Identifier: Apache-2.0
// One small model for every operator, several for those with several types: seeds of the fuzzers,
// and a table to walk for tests that want "any operator".
#pragma once

#include <string>
#include <vector>

#include "tests/support/model_builder.h"

namespace pinfer::test {

// A model of one operator. Tensors are written as words, type and shape first:
//
//   "i8 1x4x4x2"            an activation (an input of the graph, or an output of the operator)
//   "i32 2 = 1 -1"          a constant with these values
//   "i8 3x3x3x2 ~"          a constant of noise; "~4": 4 quantized channels along dimension 0
//   "f32 1x4 var"           a variable
//   "i8 1x4 @ 0.0039 -128"  scale and zero point, else those that fit the type
//   "i8 1x4 q"              an int32 bias also gets a scale, 0.005
//   "-"                     absent
struct OperatorModel {
  std::string op;
  OpParams params;
  std::vector<std::string> inputs, outputs;

  [[nodiscard]] ModelBuilder build() const;
};

// At least one for each operator of runtime/ops but the four of variables, which seed_models() has.
const std::vector<OperatorModel>& operator_models();

}  // namespace pinfer::test
