// SPDX-License-Identifier: Apache-2.0
#include "tests/support/small_models.h"

namespace pinfer::test {
namespace {

// Reproducible bytes without a library: a linear congruential generator.
std::vector<std::int8_t> noise(std::size_t count, std::uint32_t seed) {
  std::vector<std::int8_t> values(count);
  for (std::int8_t& value : values) {
    seed = seed * 1664525u + 1013904223u;
    value = static_cast<std::int8_t>(static_cast<int>(seed >> 24) - 128);
  }
  return values;
}

TensorSpec i8(std::string name, std::vector<std::int32_t> shape, float scale, std::int64_t zero) {
  return {.name = std::move(name),
          .dtype = DType::i8,
          .shape = std::move(shape),
          .scale = {scale},
          .zero_point = {zero}};
}

TensorSpec f32(std::string name, std::vector<std::int32_t> shape) {
  return {.name = std::move(name), .dtype = DType::f32, .shape = std::move(shape)};
}

TensorSpec i32(std::string name, std::vector<std::int32_t> shape) {
  return {.name = std::move(name), .dtype = DType::i32, .shape = std::move(shape)};
}

// A counter that lives in a resource variable: out = state += in.
ModelBuilder variable_model() {
  ModelBuilder b;
  const VarHandleParams handle_of{.container = "", .shared_name = "count"};
  TensorSpec resource{.name = "handle", .dtype = DType::resource};
  const TensorId in = b.add_tensor(f32("in", {1, 4}));
  const TensorId handle = b.add_tensor(resource);
  const TensorId before = b.add_tensor(f32("before", {1, 4}));
  const TensorId after = b.add_tensor(f32("after", {1, 4}));
  b.add_op("CALL_ONCE", CallOnceParams{.subgraph = 1}, {}, {});
  b.add_op("VAR_HANDLE", handle_of, {}, {handle});
  b.add_op("READ_VARIABLE", {}, {handle}, {before});
  b.add_op("ADD", ElementwiseParams{}, {before, in}, {after});
  b.add_op("ASSIGN_VARIABLE", {}, {handle, after}, {});
  b.set_io({in}, {after});
  b.begin_subgraph();
  const TensorId there = b.add_tensor(resource);
  const TensorId zero = b.add_constant<float>(f32("zero", {1, 4}), {0, 0, 0, 0});
  b.add_op("VAR_HANDLE", handle_of, {}, {there});
  b.add_op("ASSIGN_VARIABLE", {}, {there, zero}, {});
  b.set_io({}, {});
  return b;
}

// Shape arithmetic, as converters write it for a dynamic batch.
ModelBuilder shape_model() {
  ModelBuilder b;
  TensorSpec input = f32("in", {1, 2, 3});
  input.shape_signature = {-1, 2, 3};
  const TensorId in = b.add_tensor(input);
  const TensorId dims = b.add_tensor(i32("dims", {3}));
  const TensorId zero = b.add_constant<std::int32_t>(i32("begin", {1}), {0});
  const TensorId one = b.add_constant<std::int32_t>(i32("end", {1}), {1});
  const TensorId step = b.add_constant<std::int32_t>(i32("step", {1}), {1});
  const TensorId batch = b.add_tensor(i32("batch", {}));
  const TensorId six = b.add_constant<std::int32_t>(i32("six", {}), {6});
  const TensorId wanted = b.add_tensor(i32("wanted", {2}));
  const TensorId flat = b.add_tensor(f32("flat", {1, 6}));
  const TensorId axes = b.add_constant<std::int32_t>(i32("axes", {1}), {-1});
  const TensorId mean = b.add_tensor(f32("mean", {1}));
  b.add_op("SHAPE", ShapeOpParams{}, {in}, {dims});
  b.add_op("STRIDED_SLICE", StridedSliceParams{.shrink_axis_mask = 1}, {dims, zero, one, step},
           {batch});
  b.add_op("PACK", PackParams{.count = 2, .axis = 0}, {batch, six}, {wanted});
  b.add_op("RESHAPE", ReshapeParams{}, {in, wanted}, {flat});
  b.add_op("MEAN", ReduceParams{}, {flat, axes}, {mean});
  b.set_io({in}, {mean});
  return b;
}

// uint8 concatenation, split, transpose, padding and quantization of one small picture.
ModelBuilder movers_model() {
  ModelBuilder b;
  const auto u8 = [](std::string name, std::vector<std::int32_t> shape) {
    return TensorSpec{.name = std::move(name),
                      .dtype = DType::u8,
                      .shape = std::move(shape),
                      .scale = {0.1f},
                      .zero_point = {128}};
  };
  const TensorId in = b.add_tensor(f32("in", {1, 4, 4, 2}));
  const TensorId q = b.add_tensor(u8("q", {1, 4, 4, 2}));
  const TensorId pads = b.add_constant<std::int32_t>(i32("pads", {4, 2}), {0, 0, 1, 1, 1, 1, 0, 0});
  const TensorId padded = b.add_tensor(u8("padded", {1, 6, 6, 2}));
  const TensorId perm = b.add_constant<std::int32_t>(i32("perm", {4}), {0, 3, 1, 2});
  const TensorId turned = b.add_tensor(u8("turned", {1, 2, 6, 6}));
  const TensorId axis = b.add_constant<std::int32_t>(i32("axis", {}), {1});
  const TensorId left = b.add_tensor(u8("left", {1, 1, 6, 6}));
  const TensorId right = b.add_tensor(u8("right", {1, 1, 6, 6}));
  const TensorId joined = b.add_tensor(u8("joined", {1, 1, 6, 12}));
  const TensorId best = b.add_tensor({.name = "best", .dtype = DType::i64, .shape = {1, 1, 6}});
  const TensorId last = b.add_constant<std::int32_t>(i32("last", {}), {3});
  b.add_op("QUANTIZE", {}, {in}, {q});
  b.add_op("PAD", {}, {q, pads}, {padded});
  b.add_op("TRANSPOSE", {}, {padded, perm}, {turned});
  b.add_op("SPLIT", SplitParams{.num_splits = 2}, {axis, turned}, {left, right});
  b.add_op("CONCATENATION", ConcatenationParams{.axis = 3}, {left, right}, {joined});
  b.add_op("ARG_MAX", ArgParams{.int64_output = true}, {joined, last}, {best});
  b.set_io({in}, {best});
  return b;
}

}  // namespace

ModelBuilder digits_model(std::int32_t channels) {
  ModelBuilder b;
  const auto wide = static_cast<std::size_t>(channels);
  const TensorId in = b.add_tensor(i8("in", {1, 8, 8, 1}, 0.5f, -3));
  TensorSpec filter = i8("filter", {channels, 3, 3, 1}, 0, 0);
  filter.scale.assign(wide, 0.01f);
  filter.zero_point.assign(wide, 0);
  TensorSpec bias{.name = "bias",
                  .dtype = DType::i32,
                  .shape = {channels},
                  .scale = std::vector<float>(wide, 0.005f),
                  .zero_point = std::vector<std::int64_t>(wide, 0)};
  const TensorId w = b.add_constant(filter, noise(wide * 9, 1));
  const TensorId c = b.add_constant(bias, std::vector<std::int32_t>(wide, 10));
  const TensorId conv = b.add_tensor(i8("conv", {1, 8, 8, channels}, 0.1f, -128));
  const TensorId pool = b.add_tensor(i8("pool", {1, 4, 4, channels}, 0.1f, -128));
  const TensorId shape = b.add_constant<std::int32_t>(i32("shape", {2}), {1, -1});
  const TensorId flat = b.add_tensor(i8("flat", {1, 16 * channels}, 0.1f, -128));
  const TensorId dense =
      b.add_constant(i8("dense", {10, 16 * channels}, 0.02f, 0), noise(wide * 160, 2));
  const TensorId logits = b.add_tensor(i8("logits", {1, 10}, 0.3f, 5));
  const TensorId scores = b.add_tensor(i8("scores", {1, 10}, 1.0f / 256, -128));
  b.add_op("CONV_2D", ConvParams{.activation = Activation::relu}, {in, w, c}, {conv});
  b.add_op(
      "MAX_POOL_2D",
      PoolParams{
          .padding = Padding::valid, .stride_h = 2, .stride_w = 2, .filter_h = 2, .filter_w = 2},
      {conv}, {pool});
  b.add_op("RESHAPE", ReshapeParams{}, {pool, shape}, {flat});
  b.add_op("FULLY_CONNECTED", FullyConnectedParams{}, {flat, dense, kNoTensor}, {logits});
  b.add_op("SOFTMAX", SoftmaxParams{}, {logits}, {scores});
  b.set_io({in}, {scores});
  b.description = "digits";
  b.metadata = MetadataSpec{.name = "digits",
                            .description = "handwritten digits",
                            .labels = {{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
                            .mean = {0.0f},
                            .stddev = {255.0f}};
  return b;
}

ModelBuilder add_model() {
  ModelBuilder b;
  const TensorId x = b.add_tensor(f32("x", {1, 4}));
  const TensorId y = b.add_tensor(f32("y", {1, 4}));
  const TensorId sum = b.add_tensor(f32("sum", {1, 4}));
  b.add_op("ADD", ElementwiseParams{}, {x, y}, {sum});
  b.set_io({x, y}, {sum});
  return b;
}

std::vector<NamedModel> seed_models() {
  std::vector<NamedModel> models;
  models.push_back({"digits", digits_model()});
  models.push_back({"add", add_model()});
  models.push_back({"variable", variable_model()});
  models.push_back({"shape", shape_model()});
  models.push_back({"movers", movers_model()});
  return models;
}

}  // namespace pinfer::test
