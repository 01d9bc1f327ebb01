// SPDX-License-Identifier: Apache-2.0
// Random operands, types, quantizations and parameters for the element-wise, pooling, reduction and
// row operators: each node is either refused with a sentence or runs. What goes wrong in between is
// for the sanitizers of host-debug to find.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <random>
#include <string>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

constexpr std::array kOperators = {
    "ADD",         "SUB",         "MUL",        "DIV",         "MAXIMUM",
    "MINIMUM",     "FLOOR_DIV",   "FLOOR_MOD",  "POW",         "SQUARED_DIFFERENCE",
    "PRELU",       "EQUAL",       "NOT_EQUAL",  "LESS",        "GREATER_EQUAL",
    "LOGICAL_AND", "LOGICAL_NOT", "SELECT",     "SELECT_V2",   "RELU",
    "RELU6",       "LEAKY_RELU",  "HARD_SWISH", "ELU",         "GELU",
    "LOGISTIC",    "TANH",        "SOFTMAX",    "LOG_SOFTMAX", "L2_NORMALIZATION",
    "ABS",         "NEG",         "SIGN",       "SQRT",        "RSQRT",
    "EXP",         "LOG",         "ROUND",      "CAST",        "QUANTIZE",
    "DEQUANTIZE",  "MEAN",        "SUM",        "REDUCE_PROD", "REDUCE_MAX",
    "REDUCE_ALL",  "ARG_MAX",     "ARG_MIN",    "CUMSUM",      "AVERAGE_POOL_2D",
    "MAX_POOL_2D", "L2_POOL_2D",  "RFFT2D",     "ATAN2",       "COMPLEX_ABS",
};
constexpr std::array kTypes = {DType::f32, DType::f16,     DType::f64, DType::i8,  DType::u8,
                               DType::i16, DType::u16,     DType::i32, DType::u32, DType::i64,
                               DType::u64, DType::boolean, DType::c64};
constexpr std::array kEdges = {0, 1, -1, 2, 3, 6, 100000, 2147483647, -2147483647 - 1};

class Dice final {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool once_in(unsigned n) { return below(n) == 0; }
  template <class Array>
  auto one_of(const Array& array) {
    return array[below(static_cast<unsigned>(array.size()))];
  }
  std::int32_t edge() { return once_in(2) ? static_cast<std::int32_t>(below(4)) : one_of(kEdges); }
  float real() {
    if (once_in(3)) return std::bit_cast<float>(static_cast<std::uint32_t>(random_()));
    return std::ldexp(static_cast<float>(1 + below(1000)), static_cast<int>(below(30)) - 30);
  }
  Quant quant(DType type) {
    if (once_in(6)) return {};
    if (once_in(8)) return {{real(), real(), real()}, {0, 0, 0}, edge()};
    const std::array scales = {1.0f / 256, 1.0f / 128, 1.0f / 32768, 1.0f / 16, real(), real()};
    const std::array zeros = {0, -128, 128, 127, 255, static_cast<int>(below(200)) - 100, edge()};
    return {{one_of(scales)}, {type == DType::i16 && !once_in(9) ? 0 : one_of(zeros)}, 0};
  }
  Shape shape() {
    Shape shape;
    const unsigned rank = below(5);
    for (unsigned d = 0; d < rank; ++d)
      static_cast<void>(shape.push_back(once_in(12) ? 0 : static_cast<std::int32_t>(1 + below(3))));
    return shape;
  }
  std::vector<std::uint8_t> bytes(std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    return bytes;
  }
  Activation activation() { return static_cast<Activation>(below(6)); }
  OpParams params() {
    const auto padding = once_in(2) ? Padding::same : Padding::valid;
    switch (below(9)) {
      case 0:
        return ElementwiseParams{activation(), once_in(2)};
      case 1:
        return SoftmaxParams{once_in(2) ? 1.0f : real()};
      case 2:
        return PoolParams{padding, edge(), edge(), edge(), edge(), activation()};
      case 3:
        return ReduceParams{once_in(2)};
      case 4:
        return LeakyReluParams{once_in(2) ? -0.5f : real()};
      case 5:
        return ArgParams{once_in(2)};
      case 6:
        return CumsumParams{once_in(2), once_in(2)};
      case 7:
        return PoolParams{padding, 1, 2, 2, 1, Activation::relu6};
      default:
        return std::monostate{};
    }
  }

 private:
  std::mt19937 random_;
};

// Operands share type and shape more often than not, so that many nodes are accepted.
void add_operands(OneNode& node, Dice& dice) {
  const bool selects = node.node().op.starts_with("SELECT");
  const DType type = node.node().op == "RFFT2D" ? DType::f32 : dice.one_of(kTypes);
  const Shape shape = dice.shape();
  const auto add = [&](DType t, Shape s, bool known) {
    const auto bytes = dice.bytes(static_cast<std::size_t>(elements(s)) * size_of(t));
    const Quant quant = dice.quant(t);
    if (known)
      node.known<std::uint8_t>(s, bytes, quant);
    else
      node.input<std::uint8_t>(s, bytes, quant);
    node.graph().tensors.back().dtype = t;
  };
  const unsigned inputs = 1 + dice.below(3);
  for (unsigned i = 0; i < inputs; ++i) {
    if (dice.once_in(30)) {
      node.absent();
    } else if (i == 1 && dice.once_in(2)) {
      if (dice.once_in(2))
        node.known<std::int32_t>({2}, {dice.edge(), dice.edge()});
      else
        node.known<std::int32_t>({1}, {dice.edge()});
      break;
    } else if (i == 0 && selects) {
      add(DType::boolean, shape, false);
    } else {
      add(dice.once_in(5) ? dice.one_of(kTypes) : type, dice.once_in(3) ? dice.shape() : shape,
          dice.once_in(4));
    }
  }
  const std::array outputs = {type,           type,       type,       dice.one_of(kTypes),
                              DType::boolean, DType::i64, DType::c64, DType::f32};
  const DType out = dice.one_of(outputs);
  node.output(out, dice.quant(out));
}

TEST(Hostile, NodesAreRefusedOrRun) {
  std::array<int, kOperators.size()> accepted{};
  for (unsigned seed = 0; seed < 120000; ++seed) {
    Dice dice(seed);
    const std::size_t which = seed % kOperators.size();
    OneNode node(kOperators[which], dice.params());
    add_operands(node, dice);
    const auto result = node.infer();
    if (!result) {
      EXPECT_NE(result.error().message.find(kOperators[which]), std::string::npos)
          << result.error().message;
      continue;
    }
    if (elements(node.shape()) > 1 << 20) continue;
    EXPECT_EQ(node.run(), Status::ok) << kOperators[which] << " with seed " << seed;
    ++accepted[which];
  }
  for (std::size_t i = 0; i < accepted.size(); ++i)
    EXPECT_GT(accepted[i], 0) << kOperators[i] << " was never accepted: the test is too hostile";
}

}  // namespace
}  // namespace pinfer
