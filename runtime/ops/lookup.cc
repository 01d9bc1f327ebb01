// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/lookup.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinfer {
namespace {

constexpr int kSteps = 512;

// Samples of `curve`, each moved by half the error of the straight line at the middle of its step.
template <class Real, class Curve>
WordTable sample(Real in_scale, std::int32_t in_zero, Real out_scale, std::int32_t out_zero,
                 const Curve& curve) {
  constexpr Real kLow = -32768, kHigh = 32767;
  const Real in_low = in_scale * static_cast<Real>(-32768 - in_zero);
  const Real in_high = in_scale * static_cast<Real>(32767 - in_zero);
  const Real out_low = out_scale * static_cast<Real>(-32768 - out_zero);
  const Real out_high = out_scale * static_cast<Real>(32767 - out_zero);
  const Real step = (in_high - in_low) / kSteps;
  const Real half_step = step / 2;
  const Real inverse = Real{65536} / (out_high - out_low);
  const auto stored = [&](Real value) {
    return std::isnan(value) ? std::int16_t{0}
                             : static_cast<std::int16_t>(std::clamp(value, kLow, kHigh));
  };
  WordTable table{};
  for (int i = 0; i < kSteps; ++i) {
    const Real at = static_cast<Real>(i);
    const Real value = curve(in_low + at * step);
    const Real middle = curve(in_low + at * step + half_step);
    const Real next = curve(in_low + static_cast<Real>(i + 1) * step);
    const Real rounded = std::round(value * inverse);
    const Real line = std::round((next * inverse + rounded) / 2);
    const Real bias = std::round((line - std::round(middle * inverse)) / 2);
    table[static_cast<std::size_t>(i)] = stored(rounded - bias);
  }
  table[kSteps] = stored(std::round(curve(in_high) * inverse));
  return table;
}

// The step of a kernel whose arguments begin with in, out, begin, end.
template <class Args>
std::unique_ptr<Step> range_step(const NodeContext& context, std::string_view name, Args args,
                                 void (*compute)(const Args&) noexcept) {
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  return make_open_step({.kernel = name}, args, [=](const RunContext& run) noexcept {
    run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
      Args part = args;
      part.in = run.data<std::byte>(in);
      part.out = run.data<std::byte>(out);
      part.begin = begin;
      part.end = end;
      compute(part);
    });
    return Status::ok;
  });
}

template <class Table>
std::unique_ptr<Step> lookup_step(const NodeContext& context, LutOp op, const Table& table) {
  const LutKernel& kernel = select_lut(op, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  const auto look_up = [table, in, out, count,
                        compute = kernel.run](const RunContext& run) noexcept {
    run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
      compute({.in = run.data<std::byte>(in),
               .out = run.data<std::byte>(out),
               .table = table.data(),
               .begin = begin,
               .end = end});
    });
    return Status::ok;
  };
  return make_open_step({.kernel = kernel.name}, table, look_up);
}

}  // namespace

ByteTable byte_table(DType in, DType out, const std::function<std::int32_t(std::int32_t)>& map) {
  const ClampRange from = range_of(in), to = range_of(out);
  ByteTable table{};
  for (std::int32_t q = from.low; q <= from.high; ++q)
    table[static_cast<std::uint8_t>(q)] =
        static_cast<std::uint8_t>(std::clamp(map(q), to.low, to.high));
  return table;
}

ByteTable curve_table(const TensorInfo& in, const TensorInfo& out,
                      const std::function<float(float)>& curve) {
  const float inverse = 1 / out.scale();
  const auto zero = static_cast<float>(out.zero_point());
  return byte_table(in.dtype, out.dtype, [&](std::int32_t q) {
    const float real = in.scale() * static_cast<float>(q - in.zero_point());
    const float rescaled = std::round(curve(real) * inverse) + zero;
    if (std::isnan(rescaled)) return out.zero_point();
    return static_cast<std::int32_t>(std::clamp(rescaled, -65536.0f, 65536.0f));
  });
}

WordTable word_table(const WordQuant& quant, double (*curve)(double)) {
  return sample<double>(quant.in_scale, quant.in_zero, quant.out_scale, quant.out_zero, curve);
}

WordTable word_table(const TensorInfo& in, const TensorInfo& out,
                     const std::function<float(float)>& curve) {
  return sample<float>(in.scale(), in.zero_point(), out.scale(), out.zero_point(), curve);
}

std::unique_ptr<Step> byte_lookup_step(const NodeContext& context, const ByteTable& table) {
  return lookup_step(context, LutOp::x8, table);
}

std::unique_ptr<Step> word_lookup_step(const NodeContext& context, const WordTable& table) {
  return lookup_step(context, LutOp::s16, table);
}

std::unique_ptr<Step> full_lookup_step(const NodeContext& context,
                                       const std::function<std::int32_t(std::int32_t)>& map) {
  const ClampRange range = range_of(DType::i16);
  std::vector<std::uint16_t> table(65536);
  for (std::int32_t q = range.low; q <= range.high; ++q)
    table[static_cast<std::uint16_t>(q)] =
        static_cast<std::uint16_t>(std::clamp(map(q), range.low, range.high));
  return lookup_step(context, LutOp::x16, table);
}

std::unique_ptr<Step> sigmoid_step(const NodeContext& context, LutOp op, std::int32_t multiplier,
                                   std::int32_t shift) {
  const LutKernel& kernel = select_lut(op, context.isa());
  return range_step(context, kernel.name, LutArgs{.multiplier = multiplier, .shift = shift},
                    kernel.run);
}

Result<std::unique_ptr<Step>> unary_step(const NodeContext& context, UnaryOp op,
                                         const UnaryArgs& args) {
  const UnaryKernel* kernel = select_unary(op, context.input(0).dtype, context.isa());
  if (kernel == nullptr)
    return context.unsupported("elements of {}", to_string(context.input(0).dtype));
  return range_step(context, kernel->name, args, kernel->run);
}

Result<std::unique_ptr<Step>> quantize_step(const NodeContext& context, const QuantizeArgs& args) {
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  const QuantizeKernel* kernel = select_quantize(from, to, context.isa());
  if (kernel == nullptr) return context.unsupported("{} to {}", to_string(from), to_string(to));
  return range_step(context, kernel->name, args, kernel->run);
}

}  // namespace pinfer
