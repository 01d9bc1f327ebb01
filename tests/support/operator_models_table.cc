// SPDX-License-Identifier: Apache-2.0
#include "tests/support/operator_models.h"

namespace pinfer::test {
namespace {

using Models = std::vector<OperatorModel>;

void add_unary(Models& models) {
  for (const char* op :
       {"RELU",  "RELU6",  "RELU_N1_TO_1", "RELU_0_TO_1", "ELU",  "HARD_SWISH",  "ABS",       "NEG",
        "SIGN",  "SQUARE", "SQRT",         "RSQRT",       "EXP",  "LOG",         "SIN",       "COS",
        "FLOOR", "CEIL",   "ROUND",        "LOGISTIC",    "TANH", "LOG_SOFTMAX", "ZEROS_LIKE"})
    models.push_back({op, {}, {"f32 2x3"}, {"f32 2x3"}});
  for (const char* op : {"RELU", "RELU6", "HARD_SWISH", "ABS", "RSQRT"})
    models.push_back({op, {}, {"i8 2x3"}, {"i8 2x3"}});
  models.push_back({"LOGISTIC", {}, {"i8 2x3"}, {"i8 2x3 @ 0.00390625 -128"}});
  models.push_back({"TANH", {}, {"i8 2x3"}, {"i8 2x3 @ 0.0078125 0"}});
  models.push_back({"TANH", {}, {"i16 2x3"}, {"i16 2x3 @ 0.000030517578125 0"}});
  models.push_back({"LOGISTIC", {}, {"u8 2x3"}, {"u8 2x3 @ 0.00390625 0"}});
  models.push_back({"LOG_SOFTMAX", {}, {"i8 2x3"}, {"i8 2x3 @ 0.0625 127"}});
  models.push_back({"SOFTMAX", SoftmaxParams{}, {"f32 2x3"}, {"f32 2x3"}});
  models.push_back({"SOFTMAX", SoftmaxParams{}, {"i8 2x3"}, {"i8 2x3 @ 0.00390625 -128"}});
  models.push_back({"SOFTMAX", SoftmaxParams{}, {"u8 2x3"}, {"u8 2x3 @ 0.00390625 0"}});
  models.push_back({"SOFTMAX", SoftmaxParams{}, {"i16 2x3"}, {"i16 2x3 @ 0.000030517578125 0"}});
  models.push_back({"GELU", GeluParams{}, {"f32 2x3"}, {"f32 2x3"}});
  models.push_back({"LEAKY_RELU", LeakyReluParams{0.2f}, {"f32 2x3"}, {"f32 2x3"}});
  models.push_back({"LEAKY_RELU", LeakyReluParams{0.2f}, {"i8 2x3"}, {"i8 2x3"}});
  models.push_back({"LEAKY_RELU", LeakyReluParams{0.2f}, {"i16 2x3"}, {"i16 2x3"}});
  models.push_back({"PRELU", {}, {"f32 1x2x2x3", "f32 1x1x3 ~"}, {"f32 1x2x2x3"}});
  models.push_back({"PRELU", {}, {"i8 1x2x2x3", "i8 1x1x3 ~"}, {"i8 1x2x2x3"}});
  models.push_back({"L2_NORMALIZATION", L2NormParams{}, {"f32 2x3"}, {"f32 2x3"}});
  models.push_back({"L2_NORMALIZATION", L2NormParams{}, {"i8 2x3"}, {"i8 2x3 @ 0.0078125 0"}});
  models.push_back({"LOGICAL_NOT", {}, {"bool 2x3"}, {"bool 2x3"}});
  models.push_back({"CAST", {}, {"f32 2x3"}, {"i32 2x3"}});
  models.push_back({"CAST", {}, {"i32 2x3"}, {"f32 2x3"}});
  models.push_back({"COMPLEX_ABS", {}, {"c64 2x3"}, {"f32 2x3"}});
  models.push_back({"QUANTIZE", {}, {"f32 2x3"}, {"i8 2x3"}});
  models.push_back({"QUANTIZE", {}, {"i8 2x3"}, {"u8 2x3"}});
  models.push_back({"QUANTIZE", {}, {"i16 2x3"}, {"i8 2x3"}});
  models.push_back({"DEQUANTIZE", {}, {"u8 2x3"}, {"f32 2x3"}});
  models.push_back({"DEQUANTIZE", {}, {"i16 2x3"}, {"f32 2x3"}});
  models.push_back({"DEQUANTIZE", {}, {"f16 2x3"}, {"f32 2x3"}});
}

void add_binary(Models& models) {
  for (const char* op : {"ADD", "SUB", "MUL", "DIV"}) {
    const ElementwiseParams clamp{.activation = Activation::relu};
    models.push_back({op, clamp, {"f32 2x3", "f32 1x3"}, {"f32 2x3"}});
    models.push_back({op, ElementwiseParams{}, {"i32 2x3", "i32 2x1"}, {"i32 2x3"}});
    models.push_back({op, clamp, {"u8 2x3", "u8 3"}, {"u8 2x3"}});
    if (op[0] == 'D') continue;
    models.push_back({op, clamp, {"i8 2x3", "i8 2x3"}, {"i8 2x3"}});
    models.push_back({op, ElementwiseParams{}, {"i16 2x3", "i16 2x3"}, {"i16 2x3"}});
  }
  for (const char* op : {"MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"}) {
    models.push_back({op, {}, {"f32 2x3", "f32 1x3"}, {"f32 2x3"}});
    models.push_back({op, {}, {"i8 2x3", "i8 2x3"}, {"i8 2x3"}});
    models.push_back({op, {}, {"i32 2x3", "i32 scalar"}, {"i32 2x3"}});
  }
  for (const char* op : {"FLOOR_DIV", "FLOOR_MOD", "POW", "ATAN2"})
    models.push_back({op, {}, {"f32 2x3", "f32 1x3"}, {"f32 2x3"}});
  for (const char* op : {"FLOOR_DIV", "FLOOR_MOD", "POW"})
    models.push_back({op, {}, {"i32 2x3", "i32 1x3"}, {"i32 2x3"}});
  for (const char* op : {"EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"}) {
    models.push_back({op, {}, {"f32 2x3", "f32 1x3"}, {"bool 2x3"}});
    models.push_back({op, {}, {"i8 2x3", "i8 2x3"}, {"bool 2x3"}});
    models.push_back({op, {}, {"i64 2x3", "i64 2x1"}, {"bool 2x3"}});
  }
  models.push_back({"LOGICAL_AND", {}, {"bool 2x3", "bool 1x3"}, {"bool 2x3"}});
  models.push_back({"LOGICAL_OR", {}, {"bool 2x3", "bool 2x3"}, {"bool 2x3"}});
  models.push_back({"SELECT", {}, {"bool 2x3", "f32 2x3", "f32 2x3"}, {"f32 2x3"}});
  models.push_back({"SELECT_V2", {}, {"bool 2x1", "i8 2x3", "i8 1x3"}, {"i8 2x3"}});
  models.push_back(
      {"CUMSUM", CumsumParams{true, true}, {"f32 2x3", "i32 scalar = 1"}, {"f32 2x3"}});
}

void add_layers(Models& models) {
  const ConvParams same{.stride_h = 2, .dilation_w = 2, .activation = Activation::relu6};
  models.push_back({"CONV_2D", same, {"f32 1x5x5x2", "f32 3x3x3x2 ~", "f32 3 ~"}, {"f32 1x3x5x3"}});
  models.push_back({"CONV_2D",
                    ConvParams{.padding = Padding::valid},
                    {"i8 1x5x5x2", "i8 4x3x3x2 ~4", "i32 4 ~ q"},
                    {"i8 1x3x3x4"}});
  models.push_back({"CONV_2D", same, {"u8 1x5x5x2", "u8 3x3x3x2 ~", "i32 3 ~ q"}, {"u8 1x3x5x3"}});
  models.push_back({"CONV_2D", same, {"f32 1x5x5x2", "i8 3x3x3x2 ~", "f32 3 ~"}, {"f32 1x3x5x3"}});
  models.push_back({"CONV_2D", same, {"i16 1x5x5x2", "i8 3x3x3x2 ~", "i64 3 ~"}, {"i16 1x3x5x3"}});
  const ConvParams depthwise{.stride_w = 2, .depth_multiplier = 2};
  models.push_back({"DEPTHWISE_CONV_2D",
                    depthwise,
                    {"f32 1x5x5x2", "f32 1x3x3x4 ~", "f32 4 ~"},
                    {"f32 1x5x3x4"}});
  models.push_back({"DEPTHWISE_CONV_2D",
                    depthwise,
                    {"i8 1x5x5x2", "i8 1x3x3x4 ~", "i32 4 ~ q"},
                    {"i8 1x5x3x4"}});
  models.push_back({"DEPTHWISE_CONV_2D",
                    depthwise,
                    {"u8 1x5x5x2", "u8 1x3x3x4 ~", "i32 4 ~ q"},
                    {"u8 1x5x3x4"}});
}

void add_more_layers(Models& models) {
  models.push_back({"TRANSPOSE_CONV",
                    TransposeConvParams{.stride_h = 2, .stride_w = 2},
                    {"i32 4 = 1 6 6 3", "f32 3x3x3x2 ~", "f32 1x3x3x2"},
                    {"f32 1x6x6x3"}});
  models.push_back({"TRANSPOSE_CONV",
                    TransposeConvParams{.stride_h = 2, .stride_w = 2},
                    {"i32 4 = 1 6 6 3", "i8 3x3x3x2 ~", "i8 1x3x3x2", "i32 3 ~ q"},
                    {"i8 1x6x6x3"}});
  const FullyConnectedParams dense{.keep_num_dims = true};
  models.push_back({"FULLY_CONNECTED", dense, {"f32 2x4", "f32 3x4 ~", "f32 3 ~"}, {"f32 2x3"}});
  models.push_back({"FULLY_CONNECTED", dense, {"i8 2x4", "i8 3x4 ~3", "i32 3 ~ q"}, {"i8 2x3"}});
  models.push_back({"FULLY_CONNECTED", dense, {"u8 2x4", "u8 3x4 ~", "-"}, {"u8 2x3"}});
  models.push_back({"FULLY_CONNECTED", dense, {"f32 2x4", "i8 3x4 ~", "-"}, {"f32 2x3"}});
  models.push_back({"FULLY_CONNECTED", dense, {"i16 2x4", "i8 3x4 ~", "i64 3 ~"}, {"i16 2x3"}});
  const BatchMatMulParams turned{.adj_y = true};
  models.push_back({"BATCH_MATMUL", turned, {"f32 2x3x4", "f32 1x5x4"}, {"f32 2x3x5"}});
  models.push_back({"BATCH_MATMUL", turned, {"i8 2x3x4", "i8 1x5x4"}, {"i8 2x3x5"}});
  const PoolParams pool{.stride_h = 2, .filter_h = 2, .filter_w = 3};
  for (const char* op : {"AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"})
    models.push_back({op, pool, {"f32 1x4x4x2"}, {"f32 1x2x4x2"}});
  for (const char* type : {"i8", "u8", "i16"})
    for (const char* op : {"AVERAGE_POOL_2D", "MAX_POOL_2D"})
      models.push_back(
          {op, pool, {type + std::string(" 1x4x4x2")}, {type + std::string(" 1x2x4x2")}});
  models.push_back({"SVDF",
                    SvdfParams{.rank = 1},
                    {"f32 1x4", "f32 3x4 ~", "f32 3x5 ~", "f32 3 ~", "f32 1x15 var"},
                    {"f32 1x3"}});
  std::vector<std::string> lstm = {"f32 1x2x4"};
  for (int i = 0; i < 4; ++i) lstm.push_back("f32 3x4 ~");
  for (int i = 0; i < 4; ++i) lstm.push_back("f32 3x3 ~");
  for (int i = 0; i < 3; ++i) lstm.push_back("-");
  for (int i = 0; i < 4; ++i) lstm.push_back("f32 3 ~");
  for (int i = 0; i < 2; ++i) lstm.push_back("-");
  for (int i = 0; i < 2; ++i) lstm.push_back("f32 1x3 var");
  for (int i = 0; i < 4; ++i) lstm.push_back("-");
  models.push_back({"UNIDIRECTIONAL_SEQUENCE_LSTM", LstmParams{}, lstm, {"f32 1x2x3"}});
}

void add_reductions(Models& models) {
  for (const char* op : {"MEAN", "SUM", "REDUCE_PROD", "REDUCE_MAX", "REDUCE_MIN"}) {
    models.push_back({op, ReduceParams{}, {"f32 2x3x4", "i32 2 = 1 -1"}, {"f32 2"}});
    models.push_back({op, ReduceParams{true}, {"i8 2x3x4", "i32 1 = 1"}, {"i8 2x1x4"}});
    models.push_back({op, ReduceParams{}, {"i32 2x3", "i32 1 = 0"}, {"i32 3"}});
  }
  for (const char* op : {"REDUCE_ANY", "REDUCE_ALL"})
    models.push_back({op, ReduceParams{}, {"bool 2x3", "i32 1 = 1"}, {"bool 2"}});
  for (const char* op : {"ARG_MAX", "ARG_MIN"}) {
    models.push_back({op, ArgParams{false}, {"f32 2x3", "i32 scalar = -1"}, {"i32 2"}});
    models.push_back({op, ArgParams{true}, {"u8 2x3", "i32 scalar = 0"}, {"i64 3"}});
  }
  models.push_back({"RFFT2D", {}, {"f32 1x4x8", "i32 2 = 4 8"}, {"c64 1x4x5"}});
}

void add_movers(Models& models) {
  models.push_back({"RESHAPE", ReshapeParams{}, {"i8 2x3", "i32 2 = 3 -1"}, {"i8 3x2"}});
  models.push_back({"RESHAPE", ReshapeParams{{6}, true}, {"f32 2x3"}, {"f32 6"}});
  models.push_back({"SHAPE", ShapeOpParams{}, {"i8 2x3"}, {"i32 2"}});
  models.push_back({"RANK", {}, {"i8 2x3"}, {"i32 scalar"}});
  models.push_back({"SQUEEZE", SqueezeParams{{0, -1}}, {"f32 1x3x1"}, {"f32 3"}});
  models.push_back({"EXPAND_DIMS", {}, {"f32 2x3", "i32 1 = 1"}, {"f32 2x1x3"}});
  models.push_back(
      {"CONCATENATION", ConcatenationParams{.axis = -1}, {"i8 2x3", "i8 2x2"}, {"i8 2x5"}});
  models.push_back(
      {"CONCATENATION", ConcatenationParams{.axis = 0}, {"u8 1x3", "u8 2x3 @ 0.2 5"}, {"u8 3x3"}});
  models.push_back({"PACK", PackParams{2, 1}, {"f32 2x3", "f32 2x3"}, {"f32 2x2x3"}});
  models.push_back({"UNPACK", UnpackParams{2, 0}, {"f32 2x3"}, {"f32 3", "f32 3"}});
  models.push_back({"SPLIT", SplitParams{2}, {"i32 scalar = 1", "i8 2x4"}, {"i8 2x2", "i8 2x2"}});
  models.push_back(
      {"SPLIT_V", SplitParams{2}, {"f32 5", "i32 2 = 2 -1", "i32 scalar = 0"}, {"f32 2", "f32 3"}});
  models.push_back({"SLICE", {}, {"f32 3x4", "i32 2 = 1 0", "i32 2 = 2 -1"}, {"f32 2x4"}});
  models.push_back({"STRIDED_SLICE",
                    StridedSliceParams{.begin_mask = 1, .shrink_axis_mask = 2},
                    {"i8 3x4", "i32 2 = 0 1", "i32 2 = 3 2", "i32 2 = 2 1"},
                    {"i8 2"}});
  models.push_back({"STRIDED_SLICE",
                    StridedSliceParams{.end_mask = 1, .ellipsis_mask = 2, .new_axis_mask = 4},
                    {"f32 3x4x2", "i32 4 = 2 0 0 0", "i32 4 = 0 0 0 1", "i32 4 = -1 1 1 1"},
                    {"f32 3x4x1x1"}});
}

void add_more_movers(Models& models) {
  models.push_back({"REVERSE_V2", {}, {"f32 2x3", "i32 1 = 1"}, {"f32 2x3"}});
  models.push_back({"PAD", {}, {"i8 2x3", "i32 2x2 = 1 0 0 2"}, {"i8 3x5"}});
  models.push_back({"PADV2", {}, {"f32 2x3", "i32 2x2 = 1 0 0 2", "f32 scalar = 9"}, {"f32 3x5"}});
  models.push_back(
      {"MIRROR_PAD", MirrorPadParams{true}, {"f32 2x3", "i32 2x2 = 1 1 2 0"}, {"f32 4x5"}});
  models.push_back({"TRANSPOSE", {}, {"i8 2x3x4", "i32 3 = 2 0 1"}, {"i8 4x2x3"}});
  models.push_back({"DEPTH_TO_SPACE", DepthSpaceParams{2}, {"i8 1x2x2x4"}, {"i8 1x4x4x1"}});
  models.push_back({"SPACE_TO_DEPTH", DepthSpaceParams{2}, {"f32 1x4x4x1"}, {"f32 1x2x2x4"}});
  models.push_back({"SPACE_TO_BATCH_ND",
                    {},
                    {"i8 1x3x4x1", "i32 2 = 2 2", "i32 2x2 = 0 1 0 0"},
                    {"i8 4x2x2x1"}});
  models.push_back({"BATCH_TO_SPACE_ND",
                    {},
                    {"f32 4x2x2x1", "i32 2 = 2 2", "i32 2x2 = 0 1 0 0"},
                    {"f32 1x3x4x1"}});
  models.push_back({"TILE", {}, {"i8 2x3", "i32 2 = 2 1"}, {"i8 4x3"}});
  models.push_back({"BROADCAST_TO", {}, {"f32 1x3", "i32 2 = 2 3"}, {"f32 2x3"}});
  models.push_back({"BROADCAST_ARGS", {}, {"i32 2 = 1 3", "i32 2 = 2 1"}, {"i32 2"}});
  models.push_back({"FILL", {}, {"i32 2 = 2 3", "f32 scalar"}, {"f32 2x3"}});
  models.push_back(
      {"RANGE", {}, {"i32 scalar = 0", "i32 scalar = 6", "i32 scalar = 2"}, {"i32 3"}});
  models.push_back({"GATHER", GatherParams{.axis = 1}, {"f32 2x3", "i32 2 = 2 0"}, {"f32 2x2"}});
  models.push_back({"GATHER", GatherParams{}, {"i8 3x2", "i32 2"}, {"i8 2x2"}});
  models.push_back({"GATHER_ND", {}, {"f32 2x3", "i32 2x1 = 1 0"}, {"f32 2x3"}});
  models.push_back({"EMBEDDING_LOOKUP", {}, {"i32 2", "f32 3x4 ~"}, {"f32 2x4"}});
  models.push_back({"SCATTER_ND", {}, {"i32 2x1 = 2 0", "f32 2x3", "i32 2 = 4 3"}, {"f32 4x3"}});
  models.push_back({"ONE_HOT",
                    OneHotParams{-1},
                    {"i32 2", "i32 scalar = 3", "f32 scalar = 1", "f32 scalar = 0"},
                    {"f32 2x3"}});
  models.push_back({"DYNAMIC_UPDATE_SLICE", {}, {"f32 3x4", "f32 2x2", "i32 2"}, {"f32 3x4"}});
  for (const char* op : {"RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"}) {
    const ResizeParams half{.half_pixel_centers = true};
    models.push_back({op, half, {"f32 1x2x3x2", "i32 2 = 4 5"}, {"f32 1x4x5x2"}});
    models.push_back({op, half, {"i8 1x2x3x2", "i32 2 = 4 5"}, {"i8 1x4x5x2"}});
    models.push_back({op, ResizeParams{}, {"u8 1x4x4x1", "i32 2 = 2 2"}, {"u8 1x2x2x1"}});
  }
  DetectionPostProcessParams boxes{.max_detections = 3, .num_classes = 2};
  boxes.nms_iou_threshold = 0.5f;
  boxes.scale = {10, 10, 5, 5};
  std::string anchors = "f32 6x4 =";
  for (int i = 0; i < 6; ++i) anchors += " 0.5 0.5 0.2 0.2";
  for (const bool regular : {false, true}) {
    boxes.use_regular_nms = regular;
    models.push_back({"TFLite_Detection_PostProcess",
                      boxes,
                      {"f32 1x6x4", "f32 1x6x3", anchors},
                      {"f32 1x3x4", "f32 1x3", "f32 1x3", "f32 1"}});
  }
}

Models make_all() {
  Models models;
  add_unary(models);
  add_binary(models);
  add_layers(models);
  add_more_layers(models);
  add_reductions(models);
  add_movers(models);
  add_more_movers(models);
  return models;
}

}  // namespace

const std::vector<OperatorModel>& operator_models() {
  static const Models kModels = make_all();
  return kModels;
}

}  // namespace pinfer::test
