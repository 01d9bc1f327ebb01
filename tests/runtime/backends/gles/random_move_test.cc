// SPDX-License-Identifier: Apache-2.0
// What moves bytes and what looks them up: random shapes, all three element types.
#include "tests/runtime/backends/gles/random_pair.h"

namespace pinfer::test {
namespace {

class GlesMoves : public ::testing::Test {
 protected:
  void SetUp() override { PINFER_NEEDS_GLES(); }
};

std::string concatenation(unsigned seed, DType type) {
  NodePair dice("CONCATENATION", {}, seed);
  const std::int32_t axis = dice.pick(0, 3);
  NodePair node("CONCATENATION", ConcatenationParams{.axis = axis}, seed + 100);
  Shape shape{dice.pick(1, 2), dice.pick(1, 5), dice.pick(1, 5), dice.pick(1, 7)};
  const Quant out = node.quant(type);
  for (std::int32_t i = dice.pick(1, 4); i > 0; --i) {
    shape[static_cast<std::size_t>(axis)] = dice.pick(1, 6);
    node.input(type, shape, dice.pick(0, 1) == 0 ? out : node.quant(type));
  }
  return node.output(type, out).difference();
}
TEST_F(GlesMoves, ConcatenationsRequantizeAsTheJudgeDoes) { check_types(25, concatenation); }

std::string pad(unsigned seed, DType type) {
  NodePair node("PAD", {}, seed + 200);
  const Quant quant = node.quant(type);
  node.input(type, {1, node.pick(1, 5), node.pick(1, 5), node.pick(1, 6)}, quant);
  std::vector<std::int32_t> borders = {0, 0};
  for (int i = 0; i < 6; ++i) borders.push_back(node.pick(0, 3));
  return node.numbers(borders, {4, 2}).output(type, quant).difference();
}
TEST_F(GlesMoves, BordersAreTheZeroPoint) { check_types(15, pad); }

std::string transpose(unsigned seed, DType type) {
  NodePair node("TRANSPOSE", {}, seed + 300);
  const Quant quant = node.quant(type);
  node.input(type, {node.pick(1, 3), node.pick(1, 6), node.pick(1, 5), node.pick(1, 6)}, quant);
  std::vector<std::int32_t> order = {0, 1, 2, 3};
  for (int i = 3; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(node.pick(0, i))]);
  return node.numbers(order, {4}).output(type, quant).difference();
}
TEST_F(GlesMoves, TransposedTensorsHaveTheirBytesInPlace) { check_types(15, transpose); }

std::string strided_slice(unsigned seed, DType type) {
  NodePair node("STRIDED_SLICE", {}, seed + 400);
  const Quant quant = node.quant(type);
  node.input(type, {1, 8, 9, 7}, quant);
  node.numbers({0, node.pick(0, 3), node.pick(0, 3), node.pick(0, 3)}, {4});
  node.numbers({1, node.pick(4, 8), node.pick(4, 9), node.pick(4, 7)}, {4});
  node.numbers({1, node.pick(1, 3), node.pick(1, 3), node.pick(1, 2)}, {4});
  return node.output(type, quant).difference();
}
TEST_F(GlesMoves, SlicesWithStridesTakeTheirBytes) { check_types(15, strided_slice); }

std::string depth_to_space(unsigned seed, DType type) {
  NodePair node("DEPTH_TO_SPACE", DepthSpaceParams{.block_size = 2}, seed);
  const Quant quant = node.quant(type);
  node.input(type, {1, node.pick(1, 4), node.pick(1, 4), 4 * node.pick(1, 5)}, quant);
  return node.output(type, quant).difference();
}
TEST_F(GlesMoves, DepthGoesToSpace) { check_types(6, depth_to_space); }

std::string resize(const char* op, unsigned seed, DType type) {
  NodePair dice(op, {}, seed);
  ResizeParams params;
  params.align_corners = seed % 3 == 1;
  params.half_pixel_centers = seed % 3 == 2;
  NodePair node(op, params, seed + 500);
  const Quant quant = node.quant(type);
  const bool blends_bytes = std::string_view(op) == "RESIZE_BILINEAR" && type == DType::u8;
  const std::int32_t least = blends_bytes ? 1 : 2, most = blends_bytes ? 1 : 7;
  node.input(type,
             {dice.pick(1, 2), dice.pick(least, most), dice.pick(least, most), dice.pick(1, 9)},
             quant);
  return node.numbers({dice.pick(1, 13), dice.pick(1, 13)}, {2}).output(type, quant).difference();
}
TEST_F(GlesMoves, ResizedPicturesAreThoseOfTheJudge) {
  for (const char* op : {"RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"})
    check_types(15, [&](unsigned seed, DType type) { return resize(op, seed, type); });
}

std::string curve(const char* op, unsigned seed, DType type) {
  NodePair node(op, {}, seed + 600);
  node.input(type, {1, node.pick(1, 40), node.pick(1, 9)}, node.quant(type));
  const bool fixed = std::string_view(op) == "LOGISTIC" || std::string_view(op) == "TANH";
  Quant out = node.quant(type);
  if (fixed && type == DType::i8)
    out = std::string_view(op) == "TANH" ? Quant{{1.0f / 128}, {0}, 0}
                                         : Quant{{1.0f / 256}, {-128}, 0};
  if (fixed && type == DType::u8)
    out = std::string_view(op) == "TANH" ? Quant{{1.0f / 128}, {128}, 0}
                                         : Quant{{1.0f / 256}, {0}, 0};
  return node.output(type, out).difference();
}
TEST_F(GlesMoves, CurvesAreThoseOfTheJudge) {
  for (const char* op : {"RELU", "RELU6", "LOGISTIC", "TANH", "HARD_SWISH", "LEAKY_RELU"})
    check_types(4, [&](unsigned seed, DType type) {
      return std::string_view(op) == "LEAKY_RELU"
                 ? [&] {
                     NodePair node(op, LeakyReluParams{.alpha = 0.3f}, seed);
                     return node.input(type, {1, 33}, node.quant(type)).output(type, node.quant(type)).difference();
                   }()
                 : curve(op, seed, type);
    });
}

TEST_F(GlesMoves, ReshapesKeepTheirBytes) {
  check_types(3, [](unsigned seed, DType type) {
    NodePair node("RESHAPE", ReshapeParams{.new_shape = {3, -1}, .has_new_shape = true}, seed);
    const Quant quant = node.quant(type);
    return node.input(type, {1, 5, 9}, quant).output(type, quant).difference();
  });
}

}  // namespace
}  // namespace pinfer::test
