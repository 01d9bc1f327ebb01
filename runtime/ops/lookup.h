// SPDX-License-Identifier: Apache-2.0
// Tables of quantized curves, filled at load, and the steps that look them up.
//
// The fillers reproduce the reference bit for bit, so their float arithmetic is part of the
// contract: float for bytes, and for 16 bits the type of the curve.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "runtime/kernels/lut/lut.h"
#include "runtime/kernels/quantize/quantize.h"
#include "runtime/kernels/unary/unary.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {

// 256 output bytes, by the raw byte of the input.
using ByteTable = std::array<std::uint8_t, 256>;
// 513 samples over the range of int16.
using WordTable = std::array<std::int16_t, 513>;

// From quantized value to quantized value; results are clamped to the output type.
ByteTable byte_table(DType in, DType out, const std::function<std::int32_t(std::int32_t)>& map);
// From real to real, through the scales of both tensors.
ByteTable curve_table(const TensorInfo& in, const TensorInfo& out,
                      const std::function<float(float)>& curve);

struct WordQuant {
  double in_scale = 1.0, out_scale = 1.0;
  std::int32_t in_zero = 0, out_zero = 0;
};
WordTable word_table(const WordQuant& quant, double (*curve)(double));
WordTable word_table(const TensorInfo& in, const TensorInfo& out,
                     const std::function<float(float)>& curve);

// Steps from input 0 to output 0, element by element.
std::unique_ptr<Step> byte_lookup_step(const NodeContext& context, const ByteTable& table);
std::unique_ptr<Step> word_lookup_step(const NodeContext& context, const WordTable& table);
// int16, every value by itself: `map` as in byte_table.
std::unique_ptr<Step> full_lookup_step(const NodeContext& context,
                                       const std::function<std::int32_t(std::int32_t)>& map);
// LutOp::logistic_s16 or tanh_s16.
std::unique_ptr<Step> sigmoid_step(const NodeContext& context, LutOp op, std::int32_t multiplier,
                                   std::int32_t shift);
Result<std::unique_ptr<Step>> unary_step(const NodeContext& context, UnaryOp op,
                                         const UnaryArgs& args = {});
Result<std::unique_ptr<Step>> quantize_step(const NodeContext& context, const QuantizeArgs& args);

}  // namespace pinfer
