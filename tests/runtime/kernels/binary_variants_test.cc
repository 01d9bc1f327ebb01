// SPDX-License-Identifier: Apache-2.0
// Every variant of `binary` against the scalar judge: random shapes, scales, zero points, clamps.
#include <gtest/gtest.h>

#include "runtime/kernels/binary/binary.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

struct Limits {
  std::int32_t low = 0, high = 0;
};

Limits limits_of(DType type) {
  switch (type) {
    case DType::u8:
      return {0, 255};
    case DType::i16:
      return {-32768, 32767};
    default:
      return {-128, 127};
  }
}

Multiplier any_multiplier(Random& random) {
  const std::int64_t kind = pick(random, 0, 9);
  if (kind == 0) return {1 << 30, 0};
  if (kind == 1) return {};
  if (kind == 2) return random_multiplier(random, -31, 8);
  return random_multiplier(random, -6, 0);
}

BinaryParams random_params(Random& random, DType type) {
  const Limits limits = limits_of(type);
  const auto zero = [&] {
    if (type == DType::i16) return 0;
    return static_cast<std::int32_t>(pick(random, limits.low, limits.high));
  };
  BinaryParams p;
  p.a_zero = zero();
  p.b_zero = zero();
  p.out_zero = zero();
  p.left_shift = type == DType::i16 ? 15 : 20;
  p.a_scale = any_multiplier(random);
  p.b_scale = any_multiplier(random);
  // As converters write: the larger scale is half of the common one.
  const std::int64_t half = pick(random, 0, 3);
  if (half == 0) p.a_scale = {1 << 30, 0};
  if (half == 1) p.b_scale = {1 << 30, 0};
  p.out_scale = pick(random, 0, 3) == 0 ? random_multiplier(random, -31, 10)
                                        : random_multiplier(random, -22, -8);
  p.clamp = random_clamp(random, limits.low, limits.high);
  if (pick(random, 0, 2) == 0) p.clamp = {p.out_zero, std::max(p.out_zero, p.clamp.high)};
  p.float_clamp = {-1.0f, 1.5f};
  if (pick(random, 0, 1) == 0) p.float_clamp = float_clamp(Activation::none);
  p.low = pick(random, -1000, 0);
  p.high = pick(random, 0, 1000);
  return p;
}

struct Case {
  std::vector<std::int32_t> a, b, out;
  bool in_place = false;  // the output takes the memory of a
};

Case random_case(Random& random) {
  const auto dim = [&](std::int64_t most) {
    return static_cast<std::int32_t>(pick(random, 1, most));
  };
  const std::int32_t n = dim(3), c = dim(70);
  Case shape{{n, c}, {n, c}, {n, c}};
  switch (pick(random, 0, 7)) {
    case 0:
      shape.b = {c};
      break;
    case 1:
      shape.a = {c};
      break;
    case 2:
      shape.b = {1};
      break;
    case 3:
      shape.a = {1, 1};
      break;
    case 4:
      shape.b = {n, 1};
      break;
    default:
      break;
  }
  shape.in_place = shape.a == shape.out && pick(random, 0, 1) == 0;
  return shape;
}

std::int64_t size_of(const std::vector<std::int32_t>& shape) {
  std::int64_t size = 1;
  for (const std::int32_t dim : shape) size *= dim;
  return size;
}

template <class T>
void expect_same(const BinaryKernel& variant, int rounds) {
  const BinaryKernel& judge = *select_binary(variant.op, variant.type, isa::scalar);
  Random random(7);
  for (int round = 0; round < rounds; ++round) {
    const Case shape = random_case(random);
    Guarded<T> a(random, size_of(shape.a)), b(random, size_of(shape.b));
    Guarded<T> out(random, size_of(shape.out));
    BinaryArgs args;
    args.broadcast = make_broadcast({shape.a, shape.b}, shape.out);
    args.params = random_params(random, variant.type);
    args.begin = pick(random, 0, size_of(shape.out));
    args.end = pick(random, args.begin, size_of(shape.out));
    if (pick(random, 0, 1) == 0) {
      args.begin = 0;
      args.end = size_of(shape.out);
    }
    args.b = b.data();
    const auto run = [&](const BinaryKernel& kernel) {
      Guarded<T> input = a, result = out;
      args.a = input.data();
      args.out = shape.in_place ? input.data() : result.data();
      kernel.run(args);
      return shape.in_place ? input.all() : result.all();
    };
    const auto expected = run(judge), got = run(variant);
    if constexpr (std::is_floating_point_v<T>) {
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_FLOAT_EQ(got[i], expected[i]) << variant.name << " round " << round << " at " << i;
    } else {
      ASSERT_EQ(got, expected) << variant.name << " round " << round;
    }
  }
}

TEST(BinaryVariants, EqualTheScalarJudge) {
  for_each_variant(binary_kernels(), [](const BinaryKernel& kernel) {
    const int rounds = cases(20'000);
    if (kernel.type == DType::i8) expect_same<std::int8_t>(kernel, rounds);
    if (kernel.type == DType::u8) expect_same<std::uint8_t>(kernel, rounds);
    if (kernel.type == DType::i16) expect_same<std::int16_t>(kernel, rounds);
    if (kernel.type == DType::i32) expect_same<std::int32_t>(kernel, rounds);
    if (kernel.type == DType::f32) expect_same<float>(kernel, rounds);
  });
}

// All 65536 pairs of operands.
template <class T>
void expect_same_pairs(const BinaryKernel& variant) {
  std::vector<T> a, b, expected(65536), got(65536);
  for (int i = 0; i < 65536; ++i) {
    a.push_back(static_cast<T>(i));
    b.push_back(static_cast<T>(i >> 8));
  }
  const std::int32_t shape[] = {65536};
  Random random(8);
  for (int round = 0; round < 6; ++round) {
    BinaryArgs args;
    args.a = a.data();
    args.b = b.data();
    args.broadcast = make_broadcast({shape, shape}, shape);
    args.params = random_params(random, variant.type);
    args.params.out_scale = random_multiplier(random, -20, -17);
    args.params.a_scale = {1 << 30, 0};
    if (round % 2 == 1) std::swap(args.params.a_scale, args.params.b_scale);
    args.end = 65536;
    args.out = expected.data();
    select_binary(variant.op, variant.type, isa::scalar)->run(args);
    args.out = got.data();
    variant.run(args);
    ASSERT_EQ(got, expected) << variant.name << " round " << round;
  }
}

TEST(BinaryVariants, EqualTheScalarJudgeOnAllPairsOfBytes) {
  for_each_variant(binary_kernels(), [](const BinaryKernel& kernel) {
    if (kernel.type == DType::i8) expect_same_pairs<std::int8_t>(kernel);
    if (kernel.type == DType::u8) expect_same_pairs<std::uint8_t>(kernel);
  });
}

}  // namespace
}  // namespace pinfer::test
