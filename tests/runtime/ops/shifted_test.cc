// SPDX-License-Identifier: Apache-2.0
// What runtime/backends/cpu/signed_rules.cc claims: the int8 form of these operators gives the
// bytes of the uint8 form with bit 7 inverted, for every input value and many quantizations.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<std::int8_t> shifted(const Bytes& bytes) {
  std::vector<std::int8_t> values;
  for (const std::uint8_t byte : bytes) values.push_back(static_cast<std::int8_t>(byte ^ 0x80));
  return values;
}

struct Operand {
  Shape shape;
  Bytes bytes;
  float scale = 1.0f;
  std::int32_t zero = 0;
};

struct Both {
  OneNode plain, as_int8;
  Both(const char* op, const OpParams& params) : plain(op, params), as_int8(op, params) {}

  void input(const Operand& x) {
    plain.input<std::uint8_t>(x.shape, x.bytes, OneNode::quant(x.scale, x.zero));
    as_int8.input<std::int8_t>(x.shape, shifted(x.bytes), OneNode::quant(x.scale, x.zero - 128));
  }
  void axes(std::vector<std::int32_t> values) {
    const Shape shape{static_cast<std::int32_t>(values.size())};
    plain.known<std::int32_t>(shape, values);
    as_int8.known<std::int32_t>(shape, values);
  }
  void output(float scale, std::int32_t zero) {
    plain.output<std::uint8_t>(OneNode::quant(scale, zero));
    as_int8.output<std::int8_t>(OneNode::quant(scale, zero - 128));
  }
  void run() {
    ASSERT_EQ(plain.run(), Status::ok);
    ASSERT_EQ(as_int8.run(), Status::ok);
  }
  void expect_same() {
    run();
    ASSERT_EQ(as_int8.result<std::int8_t>(), shifted(plain.result<std::uint8_t>()));
  }
};

Bytes random_bytes(std::mt19937& random, std::size_t count) {
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

Bytes all_bytes() {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  return bytes;
}

float random_scale(std::mt19937& random) {
  return std::exp2(std::uniform_real_distribution<float>(-9.0f, 0.0f)(random));
}
std::int32_t random_zero(std::mt19937& random) {
  constexpr std::int32_t kEnds[] = {0, 255, 128};
  const auto i = random() % 6;
  return i < 3 ? kEnds[i] : static_cast<std::int32_t>(random() % 256);
}

TEST(Shifted, ArithmeticOfAllPairs) {
  std::mt19937 random(1);
  Bytes left, right;
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      left.push_back(static_cast<std::uint8_t>(a));
      right.push_back(static_cast<std::uint8_t>(b));
    }
  for (const char* op : {"ADD", "SUB", "MUL"})
    for (int i = 0; i < 24; ++i) {
      SCOPED_TRACE(testing::Message() << op << " " << i);
      const auto activation = static_cast<Activation>(random() % 4);
      const Operand a{{256, 256}, left, random_scale(random), random_zero(random)};
      const Operand b{{256, 256}, right, random_scale(random), random_zero(random)};
      Both both(op, ElementwiseParams{activation});
      both.input(a);
      both.input(b);
      const float sum = std::max(a.scale, b.scale), product = a.scale * b.scale * 64;
      both.output((op[0] == 'M' ? product : sum) * (0.5f + random_scale(random)),
                  random_zero(random));
      both.expect_same();
    }
}

TEST(Shifted, CurvesOfAllBytes) {
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const Operand in{{256}, all_bytes(), random_scale(random), random_zero(random)};
    Both logistic("LOGISTIC", {}), tanh("TANH", {}), quantize("QUANTIZE", {});
    for (Both* both : {&logistic, &tanh, &quantize}) both->input(in);
    logistic.output(1.0f / 256, 0);
    tanh.output(random_scale(random), random_zero(random));
    quantize.output(random_scale(random), random_zero(random));
    for (Both* both : {&logistic, &tanh, &quantize}) both->expect_same();
  }
}

TEST(Shifted, NumbersInAndOut) {
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    Both out("DEQUANTIZE", {}), in("QUANTIZE", {});
    out.input({{256}, all_bytes(), random_scale(random), random_zero(random)});
    out.plain.output<float>();
    out.as_int8.output<float>();
    out.run();
    EXPECT_EQ(out.plain.result<float>(), out.as_int8.result<float>());
    std::vector<float> values(256);
    for (float& value : values) value = std::normal_distribution<float>(0, 20)(random);
    values[0] = std::numeric_limits<float>::quiet_NaN();
    values[1] = std::numeric_limits<float>::infinity();
    values[2] = -3e38f;
    in.plain.input<float>({256}, values);
    in.as_int8.input<float>({256}, values);
    in.output(random_scale(random), random_zero(random));
    in.expect_same();
  }
}

TEST(Shifted, SoftmaxAndMeans) {
  std::mt19937 random(4);
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(i);
    const auto depth = static_cast<std::int32_t>(1 + random() % 40);
    const Shape shape{2, 3, depth};
    const Operand in{shape, random_bytes(random, static_cast<std::size_t>(elements(shape))),
                     random_scale(random), random_zero(random)};
    Both softmax("SOFTMAX", SoftmaxParams{0.5f + random_scale(random)}),
        mean("MEAN", ReduceParams{});
    softmax.input(in);
    softmax.output(1.0f / 256, 0);
    softmax.expect_same();
    mean.input(in);
    mean.axes({i % 2 == 0 ? 1 : 2});
    mean.output(in.scale * (0.2f + random_scale(random)), random_zero(random));
    mean.expect_same();
  }
}

TEST(Shifted, PoolsWithoutTies) {
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE(i);
    const Operand in{
        {1, 9, 9, 7}, random_bytes(random, 567), random_scale(random), random_zero(random)};
    const auto activation = static_cast<Activation>(random() % 4);
    const auto side = static_cast<std::int32_t>(1 + 2 * (random() % 4));
    Both average(
        "AVERAGE_POOL_2D",
        PoolParams{
            .padding = Padding::valid, .filter_h = side, .filter_w = 3, .activation = activation});
    Both largest(
        "MAX_POOL_2D",
        PoolParams{.stride_h = 2, .filter_h = side, .filter_w = 2, .activation = activation});
    for (Both* both : {&average, &largest}) {
      both->input(in);
      both->output(in.scale, in.zero);
      both->expect_same();
    }
  }
}

}  // namespace
}  // namespace pinfer
