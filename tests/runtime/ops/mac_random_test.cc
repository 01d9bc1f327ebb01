// SPDX-License-Identifier: Apache-2.0
// Random small nodes with wild parameters: refused with a rule, or run inside their memory (the
// sanitizers watch), alike with one thread and with three.
#include <gmock/gmock.h>

#include <random>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using Random = std::mt19937;

std::int32_t pick(Random& random, std::int32_t low, std::int32_t high) {
  return std::uniform_int_distribution<std::int32_t>(low, high)(random);
}

// Mostly 1 and 2, sometimes 0, negative or huge.
std::int32_t wild(Random& random) {
  const std::int32_t kind = pick(random, 0, 40);
  if (kind == 0) return 0;
  if (kind == 1) return -1;
  if (kind == 2) return 0x7fffffff;
  return pick(random, 1, 3);
}

Shape random_shape(Random& random, std::size_t rank) {
  Shape shape;
  for (std::size_t i = 0; i < rank; ++i)
    static_cast<void>(shape.push_back(pick(random, 0, 30) == 0 ? 0 : pick(random, 1, 6)));
  return shape;
}

template <class T>
std::vector<T> random_values(Random& random, const Shape& shape) {
  std::vector<T> values(static_cast<std::size_t>(elements(shape)));
  for (T& value : values) value = static_cast<T>(pick(random, -128, 127));
  return values;
}

ConvParams random_conv(Random& random) {
  ConvParams params;
  params.padding = pick(random, 0, 1) == 0 ? Padding::same : Padding::valid;
  params.stride_h = wild(random);
  params.stride_w = wild(random);
  params.dilation_h = wild(random);
  params.dilation_w = wild(random);
  params.depth_multiplier = pick(random, 0, 3) == 0 ? wild(random) : 0;
  params.extra.top = pick(random, 0, 2);
  params.extra.right = pick(random, 0, 2);
  return params;
}

// A node of `op` with float or int8 operands, from one seed.
template <class T>
OneNode random_node(const std::string& op, unsigned seed, int threads) {
  Random random(seed);
  const Quant quant = std::is_integral_v<T> ? OneNode::quant(0.5f, 0) : Quant{};
  OpParams params = random_conv(random);
  const bool matmul = op == "BATCH_MATMUL", fc = op == "FULLY_CONNECTED";
  const bool transposed = op == "TRANSPOSE_CONV";
  if (matmul) params = BatchMatMulParams{pick(random, 0, 1) == 0, pick(random, 0, 1) == 0, false};
  if (fc) params = FullyConnectedParams{.keep_num_dims = pick(random, 0, 1) == 0};
  if (transposed)
    params =
        TransposeConvParams{.padding = pick(random, 0, 1) == 0 ? Padding::same : Padding::valid,
                            .stride_h = wild(random),
                            .stride_w = wild(random)};
  Shape input = random_shape(random, matmul ? static_cast<std::size_t>(pick(random, 2, 4)) : 4);
  Shape filter = random_shape(random, fc || matmul ? 2 : 4);
  if (op == "DEPTHWISE_CONV_2D") {
    filter[0] = 1;
    filter[3] = input[3] * pick(random, 1, 3);
  } else if (!matmul) {
    filter[filter.size() - 1] = input[3];
  }
  OneNode node(op, params, threads);
  if (transposed) {
    const std::vector<std::int32_t> out{input[0], pick(random, 1, 9), pick(random, 1, 9),
                                        filter[0]};
    node.known<std::int32_t>({4}, out);
    node.known<T>(filter, random_values<T>(random, filter), quant);
    node.input<T>(input, random_values<T>(random, input), quant);
  } else {
    node.input<T>(input, random_values<T>(random, input), quant);
    node.known<T>(filter, random_values<T>(random, filter), quant);
  }
  node.output<T>(std::is_integral_v<T> ? OneNode::quant(20.0f, 3) : Quant{});
  return node;
}

template <class T>
void check(const std::string& op, unsigned seed, int& ran) {
  OneNode one = random_node<T>(op, seed, 1), three = random_node<T>(op, seed, 3);
  const std::string refusal = one.refusal();
  if (!refusal.empty()) {
    EXPECT_THAT(refusal, testing::HasSubstr(op));
    return;
  }
  ++ran;
  EXPECT_EQ(one.run(), Status::ok);
  EXPECT_EQ(three.run(), Status::ok);
  EXPECT_EQ(one.result<T>(), three.result<T>());
}

TEST(MacNodes, RandomParametersAreRefusedOrRunInsideTheirMemory) {
  for (const char* op :
       {"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED", "BATCH_MATMUL"}) {
    int ran = 0;
    for (unsigned seed = 0; seed < 300; ++seed) {
      SCOPED_TRACE(testing::Message() << op << " seed " << seed);
      check<float>(op, seed, ran);
      check<std::int8_t>(op, seed, ran);
    }
    EXPECT_GT(ran, 60) << op;
  }
}

}  // namespace
}  // namespace pinfer
