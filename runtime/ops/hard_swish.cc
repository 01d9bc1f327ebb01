// SPDX-License-Identifier: Apache-2.0
// HARD_SWISH: x * relu6(x + 3) / 6; 8 bits in 16-bit fixed point, as a table.
#include <algorithm>
#include <limits>

#include "runtime/kernels/fixed_point.h"
#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

// A Multiplier cut to 16 bits.
struct ShortMultiplier {
  std::int32_t mantissa = 0, shift = 0;
};

struct SwishParams {
  ShortMultiplier output, gate;  // to the output scale; to the gate, where 32768 is 3.0
};

std::int32_t saturated16(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, -32768, 32767));
}

// High half of 2ab in 16 bits, rounded to nearest.
std::int32_t rounding_high16(std::int32_t a, std::int32_t b) {
  const std::int32_t product = a * b;
  const std::int32_t nudge = product >= 0 ? (1 << 14) : 1 - (1 << 14);
  return saturated16((product + nudge) / (1 << 15));
}

Result<ShortMultiplier> short_multiplier(const NodeContext& context, float real) {
  PINFER_TRY(const Multiplier multiplier, checked_multiplier(context, real));
  constexpr std::int32_t kHalf = 1 << 15;
  if (multiplier.mantissa >= std::numeric_limits<std::int32_t>::max() - kHalf)
    return ShortMultiplier{32767, multiplier.shift};
  return ShortMultiplier{(multiplier.mantissa + kHalf) >> 16, multiplier.shift};
}

Result<SwishParams> swish_params(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  const float fine_scale = (1.0f / 128.0f) * in.scale();
  SwishParams params;
  PINFER_TRY(params.output, short_multiplier(context, fine_scale / out.scale()));
  PINFER_TRY(params.gate, short_multiplier(context, fine_scale / (3.0f / 32768.0f)));
  if (params.output.shift > 0)
    return context.error("V10",
                         "the scale {} of the output is too small for the scale {} of the input",
                         out.scale(), in.scale());
  return params;
}

// relu6(x + 3) / 6 as 0..32767 from the input on its fine scale.
std::int32_t gate_of(std::int32_t fine, const ShortMultiplier& multiplier) {
  std::int64_t gate = fine;
  if (multiplier.shift > 0) gate = saturated16(gate * (std::int64_t{1} << (multiplier.shift - 1)));
  gate = rounding_high16(static_cast<std::int32_t>(gate), multiplier.mantissa);
  if (multiplier.shift > 0) gate = saturated16(gate * 2);
  if (multiplier.shift < 0)
    gate = scale_by_power(static_cast<std::int32_t>(gate), multiplier.shift);
  return static_cast<std::int32_t>((gate + (1 << 15)) >> 1);
}

std::int32_t hard_swish(std::int32_t centred, const SwishParams& params) {
  const std::int32_t fine = centred * (1 << 7);
  const std::int32_t scaled = rounding_high16(fine, params.output.mantissa);
  // Rounds towards zero here: it cancels the bias of the roundings above.
  const std::int32_t product = gate_of(fine, params.gate) * scaled / (1 << 15);
  return scale_by_power(product, params.output.shift);
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(infer_same(context, {DType::f32, DType::i8, DType::u8}));
  if (context.input(0).dtype != DType::f32) PINFER_CHECK(swish_params(context));
  return {};
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  if (in.dtype == DType::f32) return unary_step(context, UnaryOp::hard_swish);
  PINFER_TRY(const SwishParams params, swish_params(context));
  const std::int32_t in_zero = in.zero_point(), out_zero = context.output(0).zero_point();
  return byte_lookup_step(context, byte_table(in.dtype, in.dtype, [&](std::int32_t q) {
                            return hard_swish(q - in_zero, params) + out_zero;
                          }));
}

}  // namespace

extern const Operator hard_swish_operator;
constexpr Operator hard_swish_operator{
    .name = "HARD_SWISH", .infer = infer, .prepare = prepare, .in_place = true};

}  // namespace pinfer
