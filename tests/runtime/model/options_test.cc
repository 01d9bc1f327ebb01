// SPDX-License-Identifier: Apache-2.0
// Attributes: each kind is read as it was written; enumerators without meaning are refused (V5).
#include <flatbuffers/flexbuffers.h>

#include "tests/runtime/model/broken_model.h"

namespace pinfer {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;

test::ModelBuilder model_of(const std::string& op, const OpParams& params) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].ops[0].name = op;
  builder.graphs[0].ops[0].params = params;
  return builder;
}

template <class P>
P read_back(const std::string& op, const P& params) {
  const auto bytes = model_of(op, params).finish();
  const auto model = read_tflite(bytes, "m", {});
  EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().message);
  if (!model) return {};
  EXPECT_EQ(model->graph.nodes[0].op, op);
  const P* read = std::get_if<P>(&model->graph.nodes[0].params);
  EXPECT_NE(read, nullptr) << op;
  return read == nullptr ? P{} : *read;
}

TEST(ModelOptions, ConvolutionsAreReadAsWritten) {
  for (const char* op : {"CONV_2D", "DEPTHWISE_CONV_2D"}) {
    const ConvParams p = read_back(op, ConvParams{.padding = Padding::valid,
                                                  .stride_h = 2,
                                                  .stride_w = 3,
                                                  .dilation_h = 4,
                                                  .dilation_w = 5,
                                                  .depth_multiplier = 6,
                                                  .activation = Activation::relu6});
    EXPECT_EQ(p.padding, Padding::valid);
    EXPECT_EQ(p.stride_h, 2);
    EXPECT_EQ(p.stride_w, 3);
    EXPECT_EQ(p.dilation_h, 4);
    EXPECT_EQ(p.dilation_w, 5);
    EXPECT_EQ(p.depth_multiplier, std::string(op) == "CONV_2D" ? 1 : 6);
    EXPECT_EQ(p.activation, Activation::relu6);
  }
  const auto t =
      read_back("TRANSPOSE_CONV", TransposeConvParams{Padding::valid, 2, 3, Activation::relu});
  EXPECT_EQ(t.stride_h, 2);
  EXPECT_EQ(t.stride_w, 3);
  EXPECT_EQ(t.padding, Padding::valid);
  EXPECT_EQ(t.activation, Activation::relu);
}

TEST(ModelOptions, WindowsAndDenseLayersAreReadAsWritten) {
  for (const char* op : {"AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"}) {
    const auto p = read_back(op, PoolParams{Padding::valid, 2, 3, 4, 5, Activation::relu});
    EXPECT_EQ(p.padding, Padding::valid);
    EXPECT_EQ(p.stride_h, 2);
    EXPECT_EQ(p.stride_w, 3);
    EXPECT_EQ(p.filter_h, 4);
    EXPECT_EQ(p.filter_w, 5);
    EXPECT_EQ(p.activation, Activation::relu);
  }
  const auto f =
      read_back("FULLY_CONNECTED", FullyConnectedParams{Activation::relu, true, true, true});
  EXPECT_TRUE(f.shuffled_weights && f.keep_num_dims && f.asymmetric_quantize_inputs);
  EXPECT_EQ(f.activation, Activation::relu);
  const auto b = read_back("BATCH_MATMUL", BatchMatMulParams{true, false, true});
  EXPECT_TRUE(b.adj_x && !b.adj_y && b.asymmetric_quantize_inputs);
}

TEST(ModelOptions, ElementwiseOnesAreReadAsWritten) {
  for (const char* op : {"ADD", "SUB", "MUL", "DIV"}) {
    const auto p = read_back(op, ElementwiseParams{Activation::relu_n1_to_1, true});
    EXPECT_EQ(p.activation, Activation::relu_n1_to_1);
    EXPECT_EQ(p.pot_scale_int16, std::string(op) == "ADD" || std::string(op) == "SUB");
  }
  EXPECT_EQ(read_back("LEAKY_RELU", LeakyReluParams{0.25f}).alpha, 0.25f);
  EXPECT_TRUE(read_back("GELU", GeluParams{true}).approximate);
  EXPECT_EQ(read_back("SOFTMAX", SoftmaxParams{0.5f}).beta, 0.5f);
  EXPECT_EQ(read_back("L2_NORMALIZATION", L2NormParams{Activation::relu}).activation,
            Activation::relu);
  const auto c = read_back("CUMSUM", CumsumParams{true, false});
  EXPECT_TRUE(c.exclusive && !c.reverse);
}

TEST(ModelOptions, MoversAreReadAsWritten) {
  EXPECT_EQ(read_back("CONCATENATION", ConcatenationParams{-1, Activation::relu}).axis, -1);
  const auto r = read_back("RESHAPE", ReshapeParams{{1, -1, 3}, true});
  EXPECT_TRUE(r.has_new_shape);
  EXPECT_EQ(r.new_shape, (std::vector<std::int32_t>{1, -1, 3}));
  EXPECT_FALSE(read_back("RESHAPE", ReshapeParams{{}, false}).has_new_shape);
  const auto s = read_back("STRIDED_SLICE", StridedSliceParams{1, 2, 4, 8, 16, true});
  EXPECT_EQ(s.begin_mask, 1);
  EXPECT_EQ(s.end_mask, 2);
  EXPECT_EQ(s.ellipsis_mask, 4);
  EXPECT_EQ(s.new_axis_mask, 8);
  EXPECT_EQ(s.shrink_axis_mask, 16);
  EXPECT_TRUE(s.offset);
  EXPECT_EQ(read_back("SPLIT", SplitParams{3}).num_splits, 3);
  EXPECT_EQ(read_back("SPLIT_V", SplitParams{4}).num_splits, 4);
  EXPECT_EQ(read_back("PACK", PackParams{2, -1}).axis, -1);
  EXPECT_EQ(read_back("UNPACK", UnpackParams{5, 1}).count, 5);
  EXPECT_EQ(read_back("GATHER", GatherParams{2, 1}).batch_dims, 1);
  EXPECT_EQ(read_back("SQUEEZE", SqueezeParams{{0, -1}}).dims, (std::vector<std::int32_t>{0, -1}));
  EXPECT_EQ(read_back("DEPTH_TO_SPACE", DepthSpaceParams{2}).block_size, 2);
  EXPECT_EQ(read_back("SPACE_TO_DEPTH", DepthSpaceParams{3}).block_size, 3);
  EXPECT_TRUE(read_back("MIRROR_PAD", MirrorPadParams{true}).symmetric);
  EXPECT_EQ(read_back("ONE_HOT", OneHotParams{2}).axis, 2);
}

TEST(ModelOptions, ReductionsAndShapesAreReadAsWritten) {
  for (const char* op : {"MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY"})
    EXPECT_TRUE(read_back(op, ReduceParams{true}).keep_dims);
  EXPECT_FALSE(read_back("ARG_MAX", ArgParams{false}).int64_output);
  EXPECT_TRUE(read_back("ARG_MIN", ArgParams{true}).int64_output);
  EXPECT_TRUE(read_back("SHAPE", ShapeOpParams{true}).int64_output);
  for (const char* op : {"RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"}) {
    const auto r = read_back(op, ResizeParams{false, true});
    EXPECT_TRUE(!r.align_corners && r.half_pixel_centers);
  }
}

TEST(ModelOptions, OnesWithStateAreReadAsWritten) {
  const auto l = read_back("UNIDIRECTIONAL_SEQUENCE_LSTM",
                           LstmParams{Activation::tanh, 10.0f, 2.0f, true, true});
  EXPECT_EQ(l.cell_clip, 10.0f);
  EXPECT_EQ(l.proj_clip, 2.0f);
  EXPECT_TRUE(l.time_major && l.asymmetric_quantize_inputs);
  EXPECT_EQ(read_back("SVDF", SvdfParams{2, Activation::relu, true}).rank, 2);
  const auto v = read_back("VAR_HANDLE", VarHandleParams{"box", "state"});
  EXPECT_EQ(v.container + "/" + v.shared_name, "box/state");
}

TEST(ModelOptions, EnumeratorsWithoutMeaningAreRefused) {
  EXPECT_EQ(refusal_of(model_of("CONV_2D", ConvParams{.padding = static_cast<Padding>(2)})),
            "V5: operator 0 CONV_2D: its padding is 2, which has no meaning");
  for (const int code : {6, 77, 255})
    EXPECT_THAT(
        refusal_of(model_of("ADD", ElementwiseParams{static_cast<Activation>(code), false})),
        HasSubstr("V5: operator 0 ADD: its fused activation is "));
}

TEST(ModelOptions, OptionsOfAnotherOperatorAreRefused) {
  test::ModelBuilder builder = model_of("CONV_2D", PoolParams{});
  builder.graphs[0].ops[0].options_as = "MAX_POOL_2D";
  EXPECT_EQ(refusal_of(builder), "V5: operator 0 CONV_2D: its options are Pool2D, expected Conv2D");
}

TEST(ModelOptions, EndlessListsOfDimensionsAreRefused) {
  const std::vector<std::int32_t> many(1000, 1);
  EXPECT_THAT(refusal_of(model_of("RESHAPE", ReshapeParams{many, true})),
              HasSubstr("V14: operator 0 RESHAPE: its list of dimensions has 1000 entries"));
  EXPECT_THAT(refusal_of(model_of("SQUEEZE", SqueezeParams{many})), HasSubstr("V14: "));
}

test::ModelBuilder detection(const std::vector<std::uint8_t>& options) {
  test::ModelBuilder builder = model_of("TFLite_Detection_PostProcess", {});
  builder.graphs[0].ops[0].custom_options = options;
  return builder;
}

std::vector<std::uint8_t> detection_options() {
  flexbuffers::Builder fbb;
  fbb.Map([&] {
    fbb.Int("max_detections", 10);
    fbb.Int("max_classes_per_detection", 2);
    fbb.Int("detections_per_class", 50);
    fbb.Int("num_classes", 90);
    fbb.Float("nms_score_threshold", 0.25f);
    fbb.Float("nms_iou_threshold", 0.5f);
    fbb.Float("y_scale", 10.0f);
    fbb.Float("x_scale", 11.0f);
    fbb.Float("h_scale", 5.0f);
    fbb.Float("w_scale", 6.0f);
    fbb.Bool("use_regular_nms", true);
  });
  fbb.Finish();
  return fbb.GetBuffer();
}

TEST(ModelOptions, DetectionPostProcessIsReadFromItsMap) {
  const auto bytes = detection(detection_options()).finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto& p = std::get<DetectionPostProcessParams>(model->graph.nodes[0].params);
  EXPECT_EQ(p.max_detections, 10);
  EXPECT_EQ(p.max_classes_per_detection, 2);
  EXPECT_EQ(p.detections_per_class, 50);
  EXPECT_EQ(p.num_classes, 90);
  EXPECT_EQ(p.nms_score_threshold, 0.25f);
  EXPECT_EQ(p.nms_iou_threshold, 0.5f);
  EXPECT_EQ(p.scale, (std::array<float, 4>{10.0f, 11.0f, 5.0f, 6.0f}));
  EXPECT_TRUE(p.use_regular_nms);
}

TEST(ModelOptions, DamagedMapsNeverBringTheReaderDown) {
  const std::vector<std::uint8_t> good = detection_options();
  for (std::size_t length = 1; length < good.size(); ++length) {
    const std::vector<std::uint8_t> cut(good.begin(),
                                        good.begin() + static_cast<std::ptrdiff_t>(length));
    static_cast<void>(refusal_of(detection(cut)));
  }
  int refused = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<std::uint8_t> flipped = good;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1u << (bit % 8)));
    if (refusal_of(detection(flipped)) != "read") ++refused;
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(refusal_of(detection({1, 2, 3})),
            "V1: operator 0 TFLite_Detection_PostProcess: its options are damaged");
}

}  // namespace
}  // namespace pinfer
