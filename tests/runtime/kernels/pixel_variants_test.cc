// SPDX-License-Identifier: Apache-2.0
// Every variant of `pool`, `reduce` and `quantize` against the scalar judge.
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/kernels/pool/pool.h"
#include "runtime/kernels/quantize/quantize.h"
#include "runtime/kernels/reduce/reduce.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

using s8 = std::int8_t;
using u8 = std::uint8_t;

std::int32_t small(Random& random, std::int64_t low, std::int64_t high) {
  return static_cast<std::int32_t>(pick(random, low, high));
}

template <class T>
ClampRange any_clamp(Random& random) {
  return random_clamp(random, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}

// Any value of an 8-bit type.
template <class T>
std::int32_t any_byte(Random& random) {
  return std::is_signed_v<T> ? small(random, -128, 127) : small(random, 0, 255);
}

PoolShape random_pool(Random& random) {
  PoolShape s;
  s.batch = small(random, 1, 2);
  s.in_h = small(random, 1, 9);
  s.in_w = small(random, 1, 9);
  s.channels = pick(random, 0, 3) == 0 ? 16 * small(random, 1, 3) : small(random, 1, 50);
  if (pick(random, 0, 300) == 0) {  // more than 256 pixels
    s.in_h = small(random, 15, 40);
    s.in_w = small(random, 15, 40);
    s.channels = small(random, 1, 20);
  }
  const Padding padding = pick(random, 0, 1) == 0 ? Padding::same : Padding::valid;
  s.filter_h = small(random, 1, s.in_h + (padding == Padding::same ? 2 : 0));
  s.filter_w = small(random, 1, s.in_w + (padding == Padding::same ? 2 : 0));
  s.stride_h = small(random, 1, 3);
  s.stride_w = small(random, 1, 3);
  if (s.in_h > 9) s.stride_h = s.stride_w = 20;
  s.out_h = window_output(padding, s.in_h, s.filter_h, s.stride_h, 1);
  s.out_w = window_output(padding, s.in_w, s.filter_w, s.stride_w, 1);
  s.pad_top = window_padding(s.in_h, s.out_h, s.filter_h, s.stride_h, 1);
  s.pad_left = window_padding(s.in_w, s.out_w, s.filter_w, s.stride_w, 1);
  return s;
}

template <class T>
void expect_same_pool(const PoolKernel& variant) {
  const PoolKernel& judge = *select_pool(variant.op, variant.type, isa::scalar);
  Random random(31);
  for (int round = 0; round < cases(20'000); ++round) {
    PoolArgs args;
    args.shape = random_pool(random);
    const PoolShape& s = args.shape;
    args.float_clamp = float_clamp(pick(random, 0, 1) == 0 ? Activation::none : Activation::relu6);
    if constexpr (!std::is_floating_point_v<T>) args.clamp = any_clamp<T>(random);
    const std::int64_t rows = std::int64_t{s.batch} * s.out_h;
    args.begin = pick(random, 0, rows - 1);
    args.end = pick(random, args.begin + 1, rows);
    const Guarded<T> in(random, std::int64_t{s.batch} * s.in_h * s.in_w * s.channels);
    const Guarded<T> out(random, rows * s.out_w * s.channels);
    args.in = in.data();
    const auto run = [&](const PoolKernel& kernel) {
      Guarded<T> result = out;
      args.out = result.data();
      kernel.run(args);
      return result.all();
    };
    const auto expected = run(judge), got = run(variant);
    if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(got[i], expected[i], 1e-5f) << variant.name << " round " << round;
    } else {
      ASSERT_EQ(got, expected) << variant.name << " round " << round << ": " << s.in_h << "x"
                               << s.in_w << "x" << s.channels << " window " << s.filter_h << "x"
                               << s.filter_w;
    }
  }
}

TEST(PoolVariants, EqualTheScalarJudge) {
  for_each_variant(pool_kernels(), [](const PoolKernel& kernel) {
    if (kernel.type == DType::i8) return expect_same_pool<s8>(kernel);
    if (kernel.type == DType::u8) return expect_same_pool<u8>(kernel);
    if (kernel.type == DType::f32) return expect_same_pool<float>(kernel);
    FAIL() << kernel.name << " has no test";
  });
}

// All quotients that an average can meet: windows of one value and of a little more.
template <class T>
void expect_same_averages(const PoolKernel& variant) {
  const PoolKernel& judge = *select_pool(variant.op, variant.type, isa::scalar);
  Random random(32);
  for (std::int32_t pixels = 1; pixels <= 300; ++pixels) {
    std::vector<T> in(static_cast<std::size_t>(pixels) * 64), expected(64), got(64);
    for (int c = 0; c < 64; ++c) {
      const auto base = static_cast<int>(std::numeric_limits<T>::min()) + 4 * c;
      const std::int64_t more = pick(random, 0, pixels);
      for (std::int32_t i = 0; i < pixels; ++i)
        in[static_cast<std::size_t>(i * 64 + c)] = static_cast<T>(base + (i < more ? 1 : 0));
    }
    PoolArgs args;
    args.shape = {.in_h = 1, .in_w = pixels, .out_h = 1, .out_w = 1, .channels = 64};
    args.shape.filter_w = pixels;
    args.clamp = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
    args.in = in.data();
    args.end = 1;
    args.out = expected.data();
    judge.run(args);
    args.out = got.data();
    variant.run(args);
    ASSERT_EQ(got, expected) << variant.name << " of " << pixels;
  }
}

TEST(PoolVariants, DivideExactly) {
  for_each_variant(pool_kernels(), [](const PoolKernel& kernel) {
    if (kernel.op != PoolOp::average) return;
    if (kernel.type == DType::i8) expect_same_averages<s8>(kernel);
    if (kernel.type == DType::u8) expect_same_averages<u8>(kernel);
  });
}

template <class T>
void expect_same_reduction(const ReduceKernel& variant) {
  const ReduceKernel& judge = *select_reduce(variant.op, variant.type, isa::scalar);
  Random random(33);
  for (int round = 0; round < cases(20'000); ++round) {
    const std::int32_t shape[] = {small(random, 1, 3), small(random, 1, 6), small(random, 1, 6),
                                  small(random, 1, 50)};
    bool reduced[4] = {};
    if (pick(random, 0, 1) == 0)
      reduced[1] = reduced[2] = true;
    else
      for (bool& dim : reduced) dim = pick(random, 0, 1) == 0;
    ReduceArgs args;
    split_walks(shape, reduced, args.kept, args.reduced);
    args.in_zero = any_byte<T>(random);
    args.out_zero = any_byte<T>(random);
    args.scale = random_multiplier(random, -10, pick(random, 0, 3) == 0 ? 8 : 0);
    args.begin = pick(random, 0, args.kept.count);
    args.end = pick(random, args.begin, args.kept.count);
    if (pick(random, 0, 1) == 0) args.begin = 0;
    const Guarded<T> in(random, args.kept.count * args.reduced.count), out(random, args.kept.count);
    args.in = in.data();
    const auto run = [&](const ReduceKernel& kernel) {
      Guarded<T> result = out;
      args.out = result.data();
      kernel.run(args);
      return result.all();
    };
    const auto expected = run(judge), got = run(variant);
    if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(got[i], expected[i], 1e-5f) << variant.name << " round " << round;
    } else {
      ASSERT_EQ(got, expected) << variant.name << " round " << round;
    }
  }
}

TEST(ReduceVariants, EqualTheScalarJudge) {
  for_each_variant(reduce_kernels(), [](const ReduceKernel& kernel) {
    if (kernel.type == DType::i8) return expect_same_reduction<s8>(kernel);
    if (kernel.type == DType::u8) return expect_same_reduction<u8>(kernel);
    if (kernel.type == DType::f32) return expect_same_reduction<float>(kernel);
    FAIL() << kernel.name << " has no test";
  });
}

template <class T>
std::vector<T> quantize_inputs(Random& random, std::int64_t count, float scale) {
  auto values = random_values<T>(random, count);
  if constexpr (std::is_floating_point_v<T>) {
    constexpr T kSpecial[] = {INFINITY, -INFINITY, NAN, 3e38f, -3e38f, 0.0f, -0.0f, 3e9f};
    for (T& value : values) {
      const std::int64_t kind = pick(random, 0, 19);
      if (kind == 0) value = kSpecial[pick(random, 0, 7)];
      // Halves of a step, where the rounding shows.
      if (kind > 10) value = static_cast<T>(pick(random, -300, 300)) * 0.5f * scale;
    }
  }
  return values;
}

template <class From, class To>
void expect_same_conversion(const QuantizeKernel& variant) {
  const QuantizeKernel& judge = *select_quantize(variant.from, variant.to, isa::scalar);
  Random random(34);
  for (int round = 0; round < cases(20'000); ++round) {
    const std::int64_t count = pick(random, 0, 100);
    QuantizeArgs args;
    args.scale =
        std::ldexp(1.0f + static_cast<float>(pick(random, 0, 99)) / 100.0f, small(random, -10, 2));
    using Integer = std::conditional_t<std::is_floating_point_v<From>, To, From>;
    args.zero = any_byte<Integer>(random);
    const std::vector<float> scales = {args.scale, 0.5f, 3.0f};
    const std::vector<std::int32_t> zeros = {args.zero, 0, 3};
    if (pick(random, 0, 4) == 0) {
      args.scales = scales.data();
      args.zeros = zeros.data();
      args.channels = 3;
      args.inner = pick(random, 1, 5);
    }
    args.begin = pick(random, 0, count) * pick(random, 0, 1);
    args.end = pick(random, args.begin, count);
    const auto in = quantize_inputs<From>(random, count, args.scale);
    const Guarded<To> out(random, count);
    args.in = in.data();
    const auto run = [&](const QuantizeKernel& kernel) {
      Guarded<To> result = out;
      args.out = result.data();
      kernel.run(args);
      return result.all();
    };
    ASSERT_EQ(run(variant), run(judge)) << variant.name << " round " << round;
  }
}

TEST(QuantizeVariants, EqualTheScalarJudge) {
  for_each_variant(quantize_kernels(), [](const QuantizeKernel& kernel) {
    if (kernel.from == DType::f32 && kernel.to == DType::i8)
      return expect_same_conversion<float, s8>(kernel);
    if (kernel.from == DType::f32 && kernel.to == DType::u8)
      return expect_same_conversion<float, u8>(kernel);
    if (kernel.from == DType::i8 && kernel.to == DType::f32)
      return expect_same_conversion<s8, float>(kernel);
    if (kernel.from == DType::u8 && kernel.to == DType::f32)
      return expect_same_conversion<u8, float>(kernel);
    FAIL() << kernel.name << " has no test";
  });
}

}  // namespace
}  // namespace pinfer::test
