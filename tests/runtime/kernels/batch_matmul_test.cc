// SPDX-License-Identifier: Apache-2.0
// Every variant of the batch_matmul family against a naive product.
#include "runtime/kernels/batch_matmul/batch_matmul.h"

#include <gtest/gtest.h>

#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {
namespace {

template <class L, class R, class Sum>
Sum naive(const MatMulShape& s, const L* l, const R* r, std::size_t out, Sum l_zero, Sum r_zero) {
  const auto columns = static_cast<std::size_t>(s.columns),
             depth = static_cast<std::size_t>(s.depth);
  Sum sum = 0;
  for (std::size_t i = 0; i < depth; ++i)
    sum += (static_cast<Sum>(l[out / columns * depth + i]) - l_zero) *
           (static_cast<Sum>(r[out % columns * depth + i]) - r_zero);
  return sum;
}

void run_in_blocks(const MatMulKernel& kernel, const MatMulArgs& args) {
  const std::int64_t rows = args.shape.rows;
  const std::int32_t columns = args.shape.columns, split = columns / 2;
  kernel.run(args, {0, rows / 2, 0, columns});
  kernel.run(args, {rows / 2, rows, 0, split});
  kernel.run(args, {rows / 2, rows, split, columns});
}

template <class L, class R, class Out>
void check_integers(const MatMulKernel& kernel, MatMulArgs args, Random& random) {
  const MatMulShape& s = args.shape;
  const auto l = random_values<L>(random, s.rows * s.depth);
  const auto r = random_values<R>(random, s.columns * s.depth);
  std::vector<Out> out(static_cast<std::size_t>(s.rows * s.columns), Out{99});
  args.left = l.data();
  args.right = r.data();
  args.output = out.data();
  if (kernel.types == MatMulTypes::s8) {
    args.left_zero = static_cast<std::int32_t>(pick(random, -128, 127));
    args.right_zero = static_cast<std::int32_t>(pick(random, -128, 127));
    args.output_zero = static_cast<std::int32_t>(pick(random, -128, 127));
  }
  args.clamp = {std::numeric_limits<Out>::min(), std::numeric_limits<Out>::max()};
  args.multiplier = random_multiplier(random, sizeof(R) == 2 ? -18 : -12, -4);
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::int64_t want =
        naive<L, R, std::int64_t>(s, l.data(), r.data(), i, args.left_zero, args.right_zero);
    if (kernel.types == MatMulTypes::s8)
      want = clamped(scaled32(want, args.multiplier) + args.output_zero, args.clamp);
    else if (kernel.types != MatMulTypes::s8_s32)
      want = clamped(scaled64(want, args.multiplier), args.clamp);
    ASSERT_EQ(out[i], want) << kernel.name << " " << i;
  }
}

template <class T>
void check_floats(const MatMulKernel& kernel, MatMulArgs args, Random& random) {
  constexpr bool hybrid = !std::is_floating_point_v<T>;
  const MatMulShape& s = args.shape;
  const auto l = random_values<T>(random, s.rows * s.depth);
  const auto r = random_values<T>(random, s.columns * s.depth);
  const auto left_scales = random_values<float>(random, s.rows);
  const auto right_scales = random_values<float>(random, s.columns);
  const std::vector<std::int32_t> left_zeros(left_scales.size(), hybrid ? 5 : 0);
  std::vector<float> out(static_cast<std::size_t>(s.rows * s.columns));
  args.left = l.data();
  args.right = r.data();
  args.output = out.data();
  args.left_scales = left_scales.data();
  args.right_scales = right_scales.data();
  args.left_zeros = left_zeros.data();
  run_in_blocks(kernel, args);
  for (std::size_t i = 0; i < out.size(); ++i) {
    double want = naive<T, T, double>(s, l.data(), r.data(), i, left_zeros[0], 0.0);
    if (hybrid)
      want *= static_cast<double>(left_scales[i / right_scales.size()]) *
              static_cast<double>(right_scales[i % right_scales.size()]);
    ASSERT_NEAR(out[i], want, 1e-5 * std::abs(want) + 1e-5) << kernel.name << " " << i;
  }
}

void check_case(const MatMulKernel& kernel, const MatMulArgs& args, Random& random) {
  switch (kernel.types) {
    case MatMulTypes::f32:
      return check_floats<float>(kernel, args, random);
    case MatMulTypes::hybrid:
      return check_floats<std::int8_t>(kernel, args, random);
    case MatMulTypes::s8:
      return check_integers<std::int8_t, std::int8_t, std::int8_t>(kernel, args, random);
    case MatMulTypes::s8_s32:
      return check_integers<std::int8_t, std::int8_t, std::int32_t>(kernel, args, random);
    case MatMulTypes::s16:
      return check_integers<std::int16_t, std::int16_t, std::int16_t>(kernel, args, random);
    case MatMulTypes::s16_s8:
      return check_integers<std::int16_t, std::int8_t, std::int16_t>(kernel, args, random);
  }
}

TEST(BatchMatMul, EveryVariantEqualsTheNaiveProductForEveryTail) {
  for (const MatMulKernel* kernel : batch_matmul_kernels()) {
    if (!covers(detect_isa(), kernel->needs)) continue;
    for (std::int32_t depth = 0; depth <= 35; ++depth) {
      SCOPED_TRACE(testing::Message() << kernel->name << " depth " << depth);
      Random random(static_cast<unsigned>(depth));
      MatMulArgs args;
      args.shape = {pick(random, 1, 5), static_cast<std::int32_t>(pick(random, 1, 9)), depth};
      check_case(*kernel, args, random);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace pinfer::test
