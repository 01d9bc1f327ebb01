// SPDX-License-Identifier: Apache-2.0
// RESHAPE and its likes, PAD, CONCATENATION.
#include "runtime/backends/armnn/description.h"

namespace pinfer::nn {

Result<void> describe_reshape(const Describing& node);
Result<void> describe_reshape(const Describing& node) {
  PINFER_CHECK(expect_same_quant(node.context.input(0), node.context.output(0)));
  PINFER_TRY(const std::int32_t input, node.input(0));
  return node.add({.layer = "reshape", .inputs = {input}});
}

Result<void> describe_pad(const Describing& node);
Result<void> describe_pad(const Describing& node) {
  const NodeContext& context = node.context;
  if (context.has_input(2)) return because("it pads with a value of its own");
  PINFER_CHECK(expect_same_quant(context.input(0), context.output(0)));
  PINFER_TRY(const auto amounts, context.index_values(1, 2 * kMaxRank));
  PINFER_TRY(const std::int32_t input, node.input(0));
  Layer layer{.layer = "pad", .inputs = {input}};
  for (const std::int64_t amount : amounts)  // checked to fit by the operator
    layer.numbers.push_back(static_cast<std::int32_t>(amount));
  return node.add(std::move(layer));
}

Result<void> describe_concatenation(const Describing& node);
Result<void> describe_concatenation(const Describing& node) {
  const NodeContext& context = node.context;
  const auto rank = static_cast<int>(context.input(0).shape.size());
  PINFER_TRY(const int axis,
             context.normalise_axis(context.params<ConcatenationParams>().axis, rank));
  Layer layer{.layer = "concatenation", .numbers = {axis}};
  for (int i = 0; i < context.input_count(); ++i) {
    PINFER_TRY(const std::int32_t input, node.input(i));
    layer.inputs.push_back(input);
  }
  return node.add(std::move(layer));
}

}  // namespace pinfer::nn
