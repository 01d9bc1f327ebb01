// SPDX-License-Identifier: Apache-2.0
// SOFTMAX and LOG_SOFTMAX over the innermost dimension.
#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/kernels/softmax/softmax.h"
#include "runtime/ops/lookup.h"

namespace pinfer {
namespace {

constexpr int kDifferenceBits = 5;

// 8 bits: differences times beta as Q5, and the lowest difference that fits.
Result<void> difference_form(const NodeContext& context, float beta, SoftmaxArgs& args) {
  constexpr double kHighest = 2147483647.0;
  const double real =
      std::min(static_cast<double>(beta) * context.input(0).scale() * (1 << (31 - kDifferenceBits)),
               kHighest);
  if (!(real > 1.0))
    return context.error("V10", "beta {} times the scale {} of the input is too small", beta,
                         context.input(0).scale());
  // Above 2^30 only the difference 0 is in range, so the mantissa may be cut.
  if (real > static_cast<double>(1 << 30)) {
    args.scale = {static_cast<std::int32_t>(real), 31};
  } else {
    PINFER_TRY(args.scale, checked_multiplier(context, real));
  }
  const double radius = 1.0 * ((1 << kDifferenceBits) - 1) * (1LL << (31 - kDifferenceBits)) /
                        static_cast<double>(1LL << args.scale.shift);
  args.diff_min = -static_cast<std::int32_t>(std::floor(radius));
  return {};
}

Result<void> expect_output_quant(const NodeContext& context, float scale, std::int32_t zero) {
  const TensorInfo& out = context.output(0);
  PINFER_CHECK(context.expect_per_tensor_quant(out));
  if (std::abs(out.scale() - scale) > 0.001f * scale || out.zero_point() != zero)
    return context.error("V10", "the output has scale {} and zero point {}, expected {} and {}",
                         out.scale(), out.zero_point(), scale, zero);
  return {};
}

Result<void> check_softmax_output(const NodeContext& context) {
  switch (context.output(0).dtype) {
    case DType::i8:
      return expect_output_quant(context, 1.0f / 256, -128);
    case DType::u8:
      return expect_output_quant(context, 1.0f / 256, 0);
    default:
      if (context.input(0).dtype == DType::i16)
        return expect_output_quant(context, 1.0f / 32768, 0);
      return {};  // 8 bits to int16 is always 1/65536 from the lowest value up
  }
}

Result<SoftmaxArgs> softmax_args(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  SoftmaxArgs args;
  args.beta = context.params<SoftmaxParams>().beta;
  if (!std::isfinite(args.beta)) return context.error("V5", "beta is {}", args.beta);
  args.depth = in.shape[in.shape.size() - 1];
  if (in.dtype == DType::f32) return args;
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(check_softmax_output(context));
  if (in.dtype == DType::i16) {
    if (args.depth > 65535) return context.unsupported("int16 rows of {} elements", args.depth);
    PINFER_TRY(args.scale, checked_multiplier(context, in.scale() * args.beta / (10.0 / 65535.0)));
  } else {
    PINFER_CHECK(difference_form(context, args.beta, args));
  }
  return args;
}

Result<SoftmaxArgs> log_softmax_args(const NodeContext& context) {
  const TensorInfo& in = context.input(0);
  SoftmaxArgs args;
  args.depth = in.shape[in.shape.size() - 1];
  if (in.dtype == DType::f32) return args;
  PINFER_CHECK(context.expect_per_tensor_quant(in));
  PINFER_CHECK(expect_output_quant(context, 16.0f / 256, range_of(in.dtype).high));
  PINFER_CHECK(difference_form(context, 1.0f, args));
  const double inverse = static_cast<double>(1LL << (31 - args.scale.shift)) /
                         static_cast<double>(args.scale.mantissa);
  PINFER_TRY(args.inverse_scale, checked_multiplier(context, inverse));
  return args;
}

template <bool log>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  PINFER_CHECK(context.expect_rank(0, 1, static_cast<int>(kMaxRank)));
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  if (select_softmax(log, from, to, context.isa()) == nullptr)
    return context.unsupported("{} to {}", to_string(from), to_string(to));
  PINFER_CHECK(log ? log_softmax_args(context) : softmax_args(context));
  return context.set_output_shape(0, context.input(0).shape);
}

struct Tables {
  WordTable exp{}, inverse{};      // int16
  std::vector<std::int32_t> exps;  // 8 bits
};

// int16: exp over [-10, 0] and 1 / (1 + x) over [0, 1], both with the output range [-1, 1].
Tables tables_of(DType type, const SoftmaxArgs& args) {
  constexpr double kRange = 65535.0;
  Tables tables;
  if (type == DType::i8 || type == DType::u8) {
    tables.exps.resize(kSoftmaxExps);
    fill_softmax_exps(args, tables.exps.data());
  }
  if (type != DType::i16) return tables;
  tables.exp = word_table(
      {10.0 / kRange, 2.0 / kRange, 32767, 0}, +[](double x) { return std::exp(x); });
  tables.inverse = word_table(
      {1.0 / kRange, 2.0 / kRange, -32768, 0}, +[](double x) { return 1.0 / (1.0 + x); });
  return tables;
}

template <bool log>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const DType from = context.input(0).dtype;
  PINFER_TRY(const SoftmaxArgs args, log ? log_softmax_args(context) : softmax_args(context));
  const SoftmaxKernel& kernel = *select_softmax(log, from, context.output(0).dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const std::int64_t rows = args.depth == 0 ? 0 : elements(context.input(0).shape) / args.depth;
  const Tables tables = tables_of(from, args);
  return make_open_step(
      {.kernel = kernel.name}, args, [=, compute = kernel.run](const RunContext& run) noexcept {
        const std::int64_t block = std::max<std::int64_t>(1, kElementBlock / (4 * args.depth + 1));
        run.pool->parallel_for(rows, block, [&](std::int64_t begin, std::int64_t end) {
          SoftmaxArgs part = args;
          part.in = run.data<std::byte>(in);
          part.out = run.data<std::byte>(out);
          part.exp_table = tables.exp.data();
          part.inverse_table = tables.inverse.data();
          part.exps = tables.exps.data();
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

}  // namespace

extern const Operator softmax_operator, log_softmax_operator;
constexpr Operator softmax_operator{
    .name = "SOFTMAX", .infer = infer<false>, .prepare = prepare<false>, .in_place = true};
constexpr Operator log_softmax_operator{
    .name = "LOG_SOFTMAX", .infer = infer<true>, .prepare = prepare<true>, .in_place = true};

}  // namespace pinfer
