// SPDX-License-Identifier: Apache-2.0
// The batch_matmul family in plain loops: the judge of the other variants.
#include "runtime/kernels/batch_matmul/batch_matmul.h"
#include "runtime/kernels/scalar_mac.h"

namespace pinfer {
namespace {

// Calls compute(row, column, output offset) for each element of the block.
template <class Compute>
inline void for_outputs(const MatMulArgs& args, const MacBlock& block, const Compute& compute) {
  for (std::int64_t row = block.row_begin; row < block.row_end; ++row)
    for (std::int32_t column = block.channel_begin; column < block.channel_end; ++column)
      compute(row, column, row * args.shape.columns + column);
}

template <class L, class R>
inline std::int64_t integer_sum(const MatMulArgs& args, std::int64_t row, std::int32_t column,
                                std::int32_t left_zero) {
  const std::int64_t depth = args.shape.depth;
  return scalar::dot(static_cast<const L*>(args.left) + row * depth,
                     static_cast<const R*>(args.right) + column * depth, depth, left_zero,
                     args.right_zero);
}

void matmul_s8(const MatMulArgs& args, const MacBlock& block) noexcept {
  auto* output = static_cast<std::int8_t*>(args.output);
  for_outputs(args, block, [&](std::int64_t row, std::int32_t column, std::int64_t out) {
    const std::int64_t sum =
        integer_sum<std::int8_t, std::int8_t>(args, row, column, args.left_zero);
    const std::int32_t scaled = multiply(scalar::wrap32(sum), args.multiplier);
    output[out] = static_cast<std::int8_t>(scalar::place(scaled, args.output_zero, args.clamp));
  });
}

void matmul_s8_s32(const MatMulArgs& args, const MacBlock& block) noexcept {
  auto* output = static_cast<std::int32_t*>(args.output);
  for_outputs(args, block, [&](std::int64_t row, std::int32_t column, std::int64_t out) {
    output[out] =
        scalar::wrap32(integer_sum<std::int8_t, std::int8_t>(args, row, column, args.left_zero));
  });
}

template <class R>
void matmul_s16(const MatMulArgs& args, const MacBlock& block) noexcept {
  auto* output = static_cast<std::int16_t*>(args.output);
  for_outputs(args, block, [&](std::int64_t row, std::int32_t column, std::int64_t out) {
    const std::int32_t scaled =
        multiply_wide(integer_sum<std::int16_t, R>(args, row, column, 0), args.multiplier);
    output[out] = static_cast<std::int16_t>(scalar::place(scaled, 0, args.clamp));
  });
}

void matmul_f32(const MatMulArgs& args, const MacBlock& block) noexcept {
  const std::int64_t depth = args.shape.depth;
  const auto* left = static_cast<const float*>(args.left);
  const auto* right = static_cast<const float*>(args.right);
  auto* output = static_cast<float*>(args.output);
  for_outputs(args, block, [&](std::int64_t row, std::int32_t column, std::int64_t out) {
    output[out] = scalar::dot(left + row * depth, right + column * depth, depth);
  });
}

void matmul_hybrid(const MatMulArgs& args, const MacBlock& block) noexcept {
  auto* output = static_cast<float*>(args.output);
  for_outputs(args, block, [&](std::int64_t row, std::int32_t column, std::int64_t out) {
    const std::int64_t sum =
        integer_sum<std::int8_t, std::int8_t>(args, row, column, args.left_zeros[row]);
    output[out] =
        args.left_scales[row] * args.right_scales[column] * static_cast<float>(scalar::wrap32(sum));
  });
}

}  // namespace

extern const MatMulKernel batch_matmul_s8__scalar, batch_matmul_s8_s32__scalar,
    batch_matmul_s16__scalar, batch_matmul_s16_s8__scalar, batch_matmul_f32__scalar,
    batch_matmul_hybrid__scalar;

const MatMulKernel batch_matmul_s8__scalar{"batch_matmul_s8__scalar", isa::scalar, MatMulTypes::s8,
                                           nullptr, matmul_s8};
const MatMulKernel batch_matmul_s8_s32__scalar{"batch_matmul_s8_s32__scalar", isa::scalar,
                                               MatMulTypes::s8_s32, nullptr, matmul_s8_s32};
const MatMulKernel batch_matmul_s16__scalar{"batch_matmul_s16__scalar", isa::scalar,
                                            MatMulTypes::s16, nullptr, matmul_s16<std::int16_t>};
const MatMulKernel batch_matmul_s16_s8__scalar{"batch_matmul_s16_s8__scalar", isa::scalar,
                                               MatMulTypes::s16_s8, nullptr,
                                               matmul_s16<std::int8_t>};
const MatMulKernel batch_matmul_f32__scalar{"batch_matmul_f32__scalar", isa::scalar,
                                            MatMulTypes::f32, nullptr, matmul_f32};
const MatMulKernel batch_matmul_hybrid__scalar{"batch_matmul_hybrid__scalar", isa::scalar,
                                               MatMulTypes::hybrid, nullptr, matmul_hybrid};

}  // namespace pinfer
