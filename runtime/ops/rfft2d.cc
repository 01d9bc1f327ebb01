// SPDX-License-Identifier: Apache-2.0
// RFFT2D: the Fourier transform of the two innermost dimensions, of real numbers.
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

#include "runtime/kernels/fft/fft.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

constexpr std::int64_t kMaxLength = 1 << 16;

// Height and width of the transform: powers of two.
Result<std::array<std::int64_t, 2>> lengths_of(const NodeContext& context) {
  PINFER_TRY(const auto lengths, context.index_values(1));
  if (lengths.size() != 2)
    return context.error("V8", "there are {} lengths, expected 2", lengths.size());
  for (const std::int64_t length : lengths)
    if (length < 1 || length > kMaxLength ||
        !std::has_single_bit(static_cast<std::uint64_t>(length)))
      return context.error("V5", "the length {} is not a power of two up to {}", length,
                           kMaxLength);
  return std::array{lengths[0], lengths[1]};
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  PINFER_CHECK(context.expect_type(0, {DType::f32}));
  PINFER_CHECK(context.expect_rank(0, 2, static_cast<int>(kMaxRank)));
  PINFER_CHECK(context.expect_output_type(0, DType::c64));
  PINFER_TRY(const auto lengths, lengths_of(context));
  Shape shape = context.input(0).shape;
  shape[shape.size() - 2] = static_cast<std::int32_t>(lengths[0]);
  shape[shape.size() - 1] = static_cast<std::int32_t>(lengths[1] / 2 + 1);
  return context.set_output_shape(0, shape);
}

std::vector<double> twiddles_of(std::int64_t n) {
  std::vector<double> pairs;
  for (std::int64_t k = 0; k < n / 2; ++k) {
    const double angle = -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    pairs.push_back(std::cos(angle));
    pairs.push_back(std::sin(angle));
  }
  return pairs;
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const auto lengths, lengths_of(context));
  const Shape& shape = context.input(0).shape;
  FftArgs args;
  args.height = lengths[0];
  args.width = lengths[1];
  args.in_height = shape[shape.size() - 2];
  args.in_width = shape[shape.size() - 1];
  args.end = elements(context.output(0).shape) / (args.height * (args.width / 2 + 1));
  const FftKernel& kernel = *select_fft(DType::f32, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  StepInfo info{.kernel = kernel.name};
  info.scratch_bytes =
      static_cast<std::size_t>(fft_scratch_doubles(args.height, args.width)) * sizeof(double);
  return make_step(info, [=, rows = twiddles_of(args.width), columns = twiddles_of(args.height),
                          compute = kernel.run](const RunContext& run) noexcept {
    FftArgs whole = args;
    whole.in = run.data<float>(in);
    whole.out = run.data<float>(out);
    whole.rows = {rows.data(), args.width};
    whole.columns = {columns.data(), args.height};
    whole.scratch = reinterpret_cast<double*>(run.scratch);
    compute(whole);
    return Status::ok;
  });
}

}  // namespace

extern const Operator rfft2d_operator;
constexpr Operator rfft2d_operator{.name = "RFFT2D", .infer = infer, .prepare = prepare};

}  // namespace pinfer
