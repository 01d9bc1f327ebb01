// SPDX-License-Identifier: Apache-2.0
// SOFTMAX on 8-bit integers and on floats.
#include <array>

#include "runtime/backends/gles/lowering.h"
#include "runtime/kernels/softmax/softmax.h"
#include "runtime/ops/mac_setup.h"

namespace pinfer::gles {

Result<bool> lower_softmax(const Lowering& lowering);
Result<bool> lower_softmax(const Lowering& lowering) {
  const auto* args = args_of<SoftmaxArgs>(lowering.step);
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  if (args == nullptr || context.node().op != "SOFTMAX" || context.output(0).dtype != type)
    return false;
  const std::int64_t rows = elements(context.input(0).shape) / args->depth;
  Dispatch dispatch{.shader = "softmax",
                    .kernel = "softmax_x8__gles",
                    .choices = std::string(sign_choice(type)),
                    .params = {{"in_at", 0, context.input_id(0)},
                               {"out_at", 0, context.output_id(0)},
                               {"rows", rows},
                               {"depth", args->depth}},
                    .threads = rows * kGroupThreads};
  if (type == DType::f32) {
    dispatch.shader = "softmax_f32";
    dispatch.kernel = "softmax_f32__gles";
    dispatch.params.push_back({"beta", float_bits(args->beta)});
    lowering.dispatches.push_back(std::move(dispatch));
    return true;
  }
  if (!is_byte(type)) return false;
  constexpr std::int64_t kMostDepth = 4095;  // shares of 2^19 add up in 31 bits
  if (args->depth > kMostDepth) return because("a row has {} elements", args->depth);
  std::array<std::int32_t, kSoftmaxExps> table{};
  fill_softmax_exps(*args, table.data());
  std::vector<std::uint32_t> words(table.begin(), table.end());
  dispatch.params.push_back({"table_at", lowering.constants.append(words)});
  dispatch.params.push_back({"diff_min", args->diff_min});
  dispatch.params.push_back({"low", type_range(type).low});
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

}  // namespace pinfer::gles
