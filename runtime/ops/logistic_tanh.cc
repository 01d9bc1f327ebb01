// SPDX-License-Identifier: Apache-2.0
// LOGISTIC and TANH: float, 8 bits by table, int16 by the shared sigmoid table.
#include <cmath>

#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

struct Argument {
  std::int32_t multiplier = 0, shift = 0;
};

// int16: the factor from input steps to table steps of 1/12288. Power-of-two scales near 1/4096
// (tanh: also 1/2048) are exact; the others keep 15 bits.
Result<Argument> table_argument(const NodeContext& context, bool tanh) {
  constexpr int kInputFraction = 12;
  const float scale = context.input(0).scale();
  int log2 = 0;
  const bool power_of_two = log2_of_scale(scale, log2);
  const int left = kInputFraction + log2;
  if (power_of_two && (left == 0 || (tanh && left == 1))) return Argument{3 << left, 0};
  double multiplier = scale * 4096.0 * 3.0;
  Argument argument;
  while (multiplier <= 32767.0 / 2.0 && argument.shift <= 30) {
    ++argument.shift;
    multiplier *= 2.0;
  }
  if (multiplier > 65535.0)
    return context.error("V10", "the scale {} of the input is too large for int16", scale);
  argument.multiplier = static_cast<std::int32_t>(multiplier);
  return argument;
}

Result<void> check_quant(const NodeContext& context, bool tanh) {
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(context.input(0)));
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  if (out.dtype == DType::i16) {
    int log2 = 0;
    if (!log2_of_scale(out.scale(), log2) || log2 != -15)
      return context.error("V10", "the scale of the output is {}, it must be 1/32768", out.scale());
    PINFER_CHECK(table_argument(context, tanh));
  } else if (!tanh && out.scale() != 1.0f / 256) {
    return context.error("V10", "the scale of the output is {}, it must be 1/256", out.scale());
  }
  return {};
}

template <bool tanh>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(infer_same(context, {DType::f32, DType::i8, DType::u8, DType::i16}));
  if (context.input(0).dtype == DType::f32) return {};
  return check_quant(context, tanh);
}

template <bool tanh>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const DType type = context.input(0).dtype;
  if (type == DType::f32) return unary_step(context, tanh ? UnaryOp::tanh : UnaryOp::logistic);
  if (type == DType::i16) {
    PINFER_TRY(const Argument argument, table_argument(context, tanh));
    return sigmoid_step(context, tanh ? LutOp::tanh_s16 : LutOp::logistic_s16, argument.multiplier,
                        argument.shift);
  }
  const auto curve = [](float x) { return tanh ? std::tanh(x) : 1.0f / (1.0f + std::exp(-x)); };
  return byte_lookup_step(context, curve_table(context.input(0), context.output(0), curve));
}

}  // namespace

extern const Operator logistic_operator, tanh_operator;
constexpr Operator logistic_operator{
    .name = "LOGISTIC", .infer = infer<false>, .prepare = prepare<false>, .in_place = true};
constexpr Operator tanh_operator{
    .name = "TANH", .infer = infer<true>, .prepare = prepare<true>, .in_place = true};

}  // namespace pinfer
