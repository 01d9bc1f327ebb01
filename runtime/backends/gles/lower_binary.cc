// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL, MAXIMUM, MINIMUM and PRELU on 8-bit integers and floats, DIV on floats.
#include <optional>

#include "runtime/backends/gles/lowering.h"
#include "runtime/ops/elementwise.h"

namespace pinfer::gles {
namespace {

// The numbers of the choice OPERATION.
std::optional<int> operation_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::add_quant:
      return 0;
    case BinaryOp::sub:
    case BinaryOp::sub_quant:
      return 1;
    case BinaryOp::mul:
    case BinaryOp::mul_quant:
      return 2;
    case BinaryOp::maximum:
      return 3;
    case BinaryOp::minimum:
      return 4;
    case BinaryOp::div:
      return 5;
    case BinaryOp::prelu:
    case BinaryOp::prelu_quant:
      return 6;
    default:
      return std::nullopt;
  }
}

bool is_flat(const Broadcast& broadcast) {
  return broadcast.rank == 1 && broadcast.steps[0][0] == 1 && broadcast.steps[1][0] == 1;
}

// Rank, dimensions, steps of a, steps of b. The elements of an output fit 32 bits, so all these do.
std::vector<std::uint32_t> shape_words(const Broadcast& broadcast) {
  std::vector<std::uint32_t> words = {static_cast<std::uint32_t>(broadcast.rank)};
  for (const Broadcast::Dims* dims : {&broadcast.dims, &broadcast.steps[0], &broadcast.steps[1]})
    for (std::size_t d = 0; d < broadcast.rank; ++d)
      words.push_back(static_cast<std::uint32_t>((*dims)[d]));
  return words;
}

void add_quantization(Dispatch& dispatch, const BinaryParams& p) {
  for (const Param& param :
       {Param{"a_zero", p.a_zero}, Param{"b_zero", p.b_zero}, Param{"out_zero", p.out_zero},
        Param{"low", p.clamp.low}, Param{"high", p.clamp.high}, Param{"left_shift", p.left_shift},
        Param{"a_mantissa", p.a_scale.mantissa}, Param{"a_shift", p.a_scale.shift},
        Param{"b_mantissa", p.b_scale.mantissa}, Param{"b_shift", p.b_scale.shift},
        Param{"out_mantissa", p.out_scale.mantissa}, Param{"out_shift", p.out_scale.shift}})
    dispatch.params.push_back(param);
}

}  // namespace

Result<bool> lower_binary(const Lowering& lowering);
Result<bool> lower_binary(const Lowering& lowering) {
  const auto* step = dynamic_cast<const BinaryStep*>(&lowering.step);
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  const bool real = type == DType::f32;
  if (step == nullptr || (!is_byte(type) && !real)) return false;
  const std::optional<int> operation = operation_of(step->op());
  if (!operation) return false;
  const BinaryArgs& args = step->args();
  const bool flat = is_flat(args.broadcast);
  Dispatch dispatch{.shader = real ? "binary_f32" : "binary",
                    .kernel = real ? "binary_f32__gles" : "binary_x8__gles",
                    .choices = fmt::format("#define OPERATION {}\n{}{}", *operation,
                                           flat ? "#define FLAT\n" : "", sign_choice(type)),
                    .params = {{"a_at", 0, context.input_id(0)},
                               {"b_at", 0, context.input_id(1)},
                               {"out_at", 0, context.output_id(0)},
                               {"count", step->count()}},
                    .threads = real ? step->count() : (step->count() + 3) / 4};
  if (real) {
    dispatch.params.push_back({"low", float_bits(args.params.float_clamp.low)});
    dispatch.params.push_back({"high", float_bits(args.params.float_clamp.high)});
  } else {
    add_quantization(dispatch, args.params);
  }
  if (!flat)
    dispatch.params.push_back({"shape_at", lowering.constants.append(shape_words(args.broadcast))});
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

}  // namespace pinfer::gles
