// SPDX-License-Identifier: Apache-2.0
// Rules V4, V9, V10, V11 on tensors.
#include <cmath>
#include <limits>

#include "tests/runtime/model/broken_model.h"

namespace pinfer {
namespace {

using test::GraphSpec;
using test::refusal_of_add;
using ::testing::HasSubstr;

TEST(ModelShapes, MoreThanSixDimensionsAreRefused) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.tensors[1].shape = {1, 1, 1, 1, 1, 1, 1}; }),
            "V4: tensor 1 'y': it has 7 dimensions, at most 6 are allowed");
}

TEST(ModelShapes, NegativeDimensionsAreRefused) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.tensors[1].shape = {1, -2};
            }),
            "V4: tensor 1 'y': dimension 1 is -2");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.tensors[1].shape = {std::numeric_limits<std::int32_t>::min()};
            }),
            "V4: tensor 1 'y': dimension 0 is -2147483648");
}

TEST(ModelShapes, ProductsThatOverflowAreRefused) {
  const std::int32_t big = std::numeric_limits<std::int32_t>::max();
  for (const auto& shape : std::vector<std::vector<std::int32_t>>{
           {65536, 65537}, {big, 2}, {big, big, big, big, big, big}, {1 << 16, 1 << 15, 2}})
    EXPECT_THAT(refusal_of_add([&](GraphSpec& g) { g.tensors[1].shape = shape; }),
                HasSubstr("V4: tensor 1 'y': it has more than 2147483647 elements"));
  EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.tensors[1].shape = {big}; }), "read");
}

TEST(ModelShapes, AMissingBatchIsOneAndSaidSo) {
  for (const bool in_signature : {true, false}) {
    test::ModelBuilder builder = test::add_model();
    auto& x = builder.graphs[0].tensors[0];
    if (in_signature)
      x.shape_signature = {-1, 4};
    else
      x.shape = {-1, 4};
    const auto bytes = builder.finish();
    const auto model = read_tflite(bytes, "m", {});
    ASSERT_TRUE(model.has_value()) << model.error().message;
    EXPECT_EQ(model->graph.tensor(0).shape, (Shape{1, 4}));
    EXPECT_TRUE(model->graph.tensor(0).dynamic_batch);
    EXPECT_FALSE(model->graph.tensor(1).dynamic_batch);
  }
}

TEST(ModelShapes, AnEmptyShapeIsAScalarOrUnknown) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].tensors[0].shape = {};
  builder.graphs[0].tensors[1].shape = {};
  builder.graphs[0].tensors[2].shape = {};
  builder.graphs[0].tensors[2].has_rank = false;
  const auto bytes = builder.finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_TRUE(model->graph.tensor(0).shape_known);
  EXPECT_FALSE(model->graph.tensor(2).shape_known);
}

// add_model() with y as a constant of `bytes` bytes.
std::string refusal_of_constant(std::size_t bytes, DType dtype = DType::f32) {
  return refusal_of_add([&](GraphSpec& g) {
    g.tensors[1].data.resize(bytes);
    g.tensors[1].dtype = dtype;
    g.inputs = {0};
  });
}

TEST(ModelConstants, TheirBytesMustBeExactlyTheirShape) {
  EXPECT_EQ(refusal_of_constant(16), "read");
  EXPECT_EQ(refusal_of_constant(15),
            "V9: tensor 1 'y': its buffer 1 has 15 bytes, float32[1x4] needs 16");
  EXPECT_EQ(refusal_of_constant(17),
            "V9: tensor 1 'y': its buffer 1 has 17 bytes, float32[1x4] needs 16");
  EXPECT_EQ(refusal_of_constant(4, DType::i8), "read");
  EXPECT_EQ(refusal_of_constant(32, DType::i64), "read");
  EXPECT_EQ(refusal_of_constant(32, DType::c64), "read");
  EXPECT_EQ(refusal_of_constant(4, DType::resource),
            "V9: tensor 1 'y': a resource handle cannot have data in the file");
}

TEST(ModelConstants, AHugeStatedShapeWithLittleDataIsRefused) {
  EXPECT_THAT(refusal_of_add([](GraphSpec& g) {
                g.tensors[1].data.resize(16);
                g.tensors[1].shape = {1 << 15, 1 << 15};
              }),
              HasSubstr("V9: tensor 1 'y': its buffer 1 has 16 bytes"));
}

TEST(ModelConstants, ABufferThatDoesNotExistIsRefused) {
  for (const std::uint32_t index : {1u, 7u, 0x7fffffffu, 0xffffffffu})
    EXPECT_EQ(
        refusal_of_add([&](GraphSpec& g) { g.tensors[1].raw_buffer = index; }),
        "V2: tensor 1 'y': buffer " + std::to_string(index) + " does not exist, the file has 1");
}

TEST(ModelConstants, AVariableHasNoData) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.tensors[1].data.resize(16);
              g.tensors[1].is_variable = true;
            }),
            "V9: tensor 1 'y': a variable cannot have data in the file");
}

// add_model() of int8 with the quantization of `y` as given.
std::string refusal_of_quant(std::vector<float> scale, std::vector<std::int64_t> zero_point,
                             std::int32_t axis = 0, DType dtype = DType::i8) {
  return refusal_of_add([&](GraphSpec& g) {
    g.tensors[1].dtype = dtype;
    g.tensors[1].scale = std::move(scale);
    g.tensors[1].zero_point = std::move(zero_point);
    g.tensors[1].axis = axis;
  });
}

TEST(ModelQuantization, ScalesAreFiniteAndAboveZero) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(refusal_of_quant({0.5f}, {-128}), "read");
  for (const float scale : {0.0f, -1.0f, kInf, -kInf, std::nanf("")})
    EXPECT_THAT(refusal_of_quant({scale}, {0}), HasSubstr("V10: tensor 1 'y': scale 0 is "));
}

TEST(ModelQuantization, ZeroPointsFitTheType) {
  EXPECT_EQ(refusal_of_quant({1}, {127}), "read");
  EXPECT_EQ(refusal_of_quant({1}, {128}),
            "V10: tensor 1 'y': zero point 0 is 128, outside -128 to 127");
  EXPECT_EQ(refusal_of_quant({1}, {-1}, 0, DType::u8),
            "V10: tensor 1 'y': zero point 0 is -1, outside 0 to 255");
  EXPECT_THAT(refusal_of_quant({1}, {1ll << 40}, 0, DType::i32), HasSubstr("outside"));
}

TEST(ModelQuantization, PerChannelCountsMatchTheDimension) {
  EXPECT_EQ(refusal_of_quant({1, 1, 1, 1}, {0, 0, 0, 0}, 1), "read");
  EXPECT_EQ(refusal_of_quant({1, 1, 1, 1}, {}, 1), "read");
  EXPECT_EQ(refusal_of_quant({1, 1, 1}, {0, 0, 0}, 1),
            "V10: tensor 1 'y': it has 3 scales along dimension 1, which is 4");
  EXPECT_EQ(refusal_of_quant({1, 1, 1, 1}, {0, 0, 0}, 1),
            "V10: tensor 1 'y': it has 4 scales but 3 zero points");
  EXPECT_EQ(refusal_of_quant({1}, {0, 0}), "V10: tensor 1 'y': it has 1 scales but 2 zero points");
  for (const std::int32_t axis : {2, -1, 100000})
    EXPECT_EQ(refusal_of_quant({1, 1, 1, 1}, {0, 0, 0, 0}, axis),
              "V10: tensor 1 'y': its 4 scales lie along dimension " + std::to_string(axis) +
                  ", but it has 2 dimensions");
}

TEST(ModelQuantization, ItIsCopiedAsTheFileHasIt) {
  const auto bytes = test::digits_model().finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value());
  const Quant& input = model->graph.tensor(0).quant;
  EXPECT_EQ(input, (Quant{{0.5f}, {-3}, 0}));
  const Quant& filter = model->graph.tensor(1).quant;
  EXPECT_EQ(filter, (Quant{{0.01f, 0.01f, 0.01f, 0.01f}, {0}, 0}));
}

TEST(ModelQuantization, ZeroPointsThatDifferHaveAnEntryEach) {
  const auto zero_points = [](std::vector<std::int64_t> in_file) {
    test::ModelBuilder b;
    const TensorId t = b.add_tensor({.name = "t",
                                     .dtype = DType::i8,
                                     .shape = {1, 4},
                                     .scale = {1, 1, 1, 1},
                                     .zero_point = std::move(in_file),
                                     .axis = 1});
    b.set_io({t}, {t});
    const auto bytes = b.finish();
    const auto model = read_tflite(bytes, "m", {});
    return model ? model->graph.tensor(0).quant.zero_point : std::vector<std::int32_t>{};
  };
  EXPECT_THAT(zero_points({}), testing::ElementsAre(0));
  EXPECT_THAT(zero_points({7, 7, 7, 7}), testing::ElementsAre(7));
  EXPECT_THAT(zero_points({0, 0, 5, 0}), testing::ElementsAre(0, 0, 5, 0));
  EXPECT_THAT(zero_points({5, 0, 0, 0}), testing::ElementsAre(5, 0, 0, 0));
  EXPECT_THAT(zero_points({0, 0, 0, -1}), testing::ElementsAre(0, 0, 0, -1));
}

TEST(ModelQuantization, FloatTensorsHaveNone) {
  EXPECT_EQ(refusal_of_quant({0.0f, 0.0f}, {5}, 9, DType::f32), "read");
}

TEST(ModelTypes, WhatABuildCannotHoldIsRefusedWhereItIsUsed) {
  // 5 string, 14 variant, 17 int4, 18 bfloat16, 99 unknown
  for (const int type : {5, 11, 14, 17, 18, 99, -1})
    EXPECT_THAT(refusal_of_add([&](GraphSpec& g) { g.tensors[1].raw_type = type; }),
                HasSubstr("V11: operator 0 ADD: input 1 is tensor 1 'y': its element type " +
                          std::to_string(type)));
  EXPECT_THAT(refusal_of_add([](GraphSpec& g) { g.tensors[1].sparse = true; }),
              HasSubstr("V11: operator 0 ADD: input 1 is tensor 1 'y': sparse"));
  EXPECT_THAT(refusal_of_add([](GraphSpec& g) { g.tensors[1].blockwise = true; }),
              HasSubstr("V11: operator 0 ADD: input 1 is tensor 1 'y': blockwise"));
}

TEST(ModelTypes, UnusedOnesAreLeftAlone) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              test::TensorSpec unused{.name = "unused", .shape = {-7}, .raw_type = 5};
              g.tensors.push_back(unused);
            }),
            "read");
}

}  // namespace
}  // namespace pinfer
