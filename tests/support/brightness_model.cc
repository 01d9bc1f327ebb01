// SPDX-License-Identifier: Apache-2.0
#include "tests/support/brightness_model.h"

#include "tests/support/model_builder.h"

namespace pinfer::test {
namespace {

std::vector<std::byte> build(bool fragile) {
  ModelBuilder b;
  const auto picture =
      b.add_tensor({.name = "picture", .dtype = DType::f32, .shape = {1, 1, 1, 1}});
  const auto pixel = b.add_tensor({.name = "pixel", .dtype = DType::f32, .shape = {1, 1}});
  const auto shape =
      b.add_constant<std::int32_t>({.name = "shape", .dtype = DType::i32, .shape = {2}}, {1, 1});
  const auto weights = b.add_constant<float>(
      {.name = "weights", .dtype = DType::f32, .shape = {2, 1}}, {1.0f / 255.0f, -1.0f / 255.0f});
  const auto bias =
      b.add_constant<float>({.name = "bias", .dtype = DType::f32, .shape = {2}}, {0.0f, 1.0f});
  const auto scores = b.add_tensor({.name = "scores", .dtype = DType::f32, .shape = {1, 2}});
  ReshapeParams reshape;
  reshape.new_shape = {1, 1};
  reshape.has_new_shape = true;
  b.add_op("RESHAPE", reshape, {picture, shape}, {pixel});
  TensorId last = scores;
  if (fragile) last = b.add_tensor({.name = "plain", .dtype = DType::f32, .shape = {1, 2}});
  b.add_op("FULLY_CONNECTED", FullyConnectedParams{}, {pixel, weights, bias}, {last});
  if (fragile) {
    const auto one = b.add_tensor({.name = "one", .dtype = DType::f32, .shape = {1, 1}});
    b.add_op("DIV", ElementwiseParams{}, {pixel, pixel}, {one});  // 1, or 0 / 0
    b.add_op("MUL", ElementwiseParams{}, {last, one}, {scores});
  }
  b.set_io({picture}, {scores});
  b.metadata = MetadataSpec{.name = "brightness",
                            .description = {},
                            .labels = {{"bright", "dark"}},
                            .mean = {},
                            .stddev = {}};
  return b.finish();
}

}  // namespace

std::vector<std::byte> brightness_model() { return build(false); }
std::vector<std::byte> fragile_brightness_model() { return build(true); }

}  // namespace pinfer::test
