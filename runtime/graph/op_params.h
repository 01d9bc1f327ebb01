// SPDX-License-Identifier: Apache-2.0
// OpParams: the attributes of each operator, as plain values. The model reader fills them from the
// file; the operators check them (rule V5).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace pinfer {

enum class Padding : std::uint8_t { same, valid };

// Clamp or curve applied to the result of an operator.
enum class Activation : std::uint8_t { none, relu, relu_n1_to_1, relu6, tanh, sign_bit };

// Explicit zero padding that the PAD fusion pass puts in front of SAME/VALID; elements.
struct ExtraPadding {
  std::int32_t top = 0, bottom = 0, left = 0, right = 0;
  friend bool operator==(const ExtraPadding&, const ExtraPadding&) = default;
};

struct ConvParams {  // CONV_2D and DEPTHWISE_CONV_2D
  Padding padding = Padding::same;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t depth_multiplier = 1;  // depthwise only; 0 in a file means "from the shapes"
  Activation activation = Activation::none;
  ExtraPadding extra = {};
  // int8 that stands for uint8 (the CPU plan sets it): multipliers as uint8 nets have them, and the
  // filter may have a zero point.
  bool uint8_scheme = false;
};

struct FullyConnectedParams {
  Activation activation = Activation::none;
  bool shuffled_weights = false;
  bool keep_num_dims = false;
  bool asymmetric_quantize_inputs = false;
};

struct TransposeConvParams {
  Padding padding = Padding::same;
  std::int32_t stride_h = 1, stride_w = 1;
  Activation activation = Activation::none;
};

struct PoolParams {
  Padding padding = Padding::same;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t filter_h = 1, filter_w = 1;
  Activation activation = Activation::none;
};

struct ElementwiseParams {  // ADD SUB MUL DIV, with one fused activation
  Activation activation = Activation::none;
  bool pot_scale_int16 = false;  // old int16 scheme with power-of-two scales
};

struct SoftmaxParams {
  float beta = 1.0f;
};
struct ConcatenationParams {
  std::int32_t axis = 0;
  Activation activation = Activation::none;
};
struct ReshapeParams {
  std::vector<std::int32_t> new_shape;
  bool has_new_shape = false;
};
struct ReduceParams {
  bool keep_dims = false;
};  // MEAN SUM REDUCE_MAX REDUCE_MIN REDUCE_PROD ...
struct StridedSliceParams {
  std::int32_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0,
               shrink_axis_mask = 0;
  bool offset = false;
};
struct ResizeParams {
  bool align_corners = false;
  bool half_pixel_centers = false;
};
struct SplitParams {
  std::int32_t num_splits = 1;
};  // SPLIT SPLIT_V
struct PackParams {
  std::int32_t count = 0;
  std::int32_t axis = 0;
};
struct UnpackParams {
  std::int32_t count = 0;
  std::int32_t axis = 0;
};
struct ArgParams {
  bool int64_output = true;
};  // ARG_MAX ARG_MIN
struct GatherParams {
  std::int32_t axis = 0;
  std::int32_t batch_dims = 0;
};
struct LeakyReluParams {
  float alpha = 0.0f;
};
struct DepthSpaceParams {
  std::int32_t block_size = 0;
};  // DEPTH_TO_SPACE SPACE_TO_DEPTH
struct SqueezeParams {
  std::vector<std::int32_t> dims;
};
struct ShapeOpParams {
  bool int64_output = false;
};
struct MirrorPadParams {
  bool symmetric = false;
};  // false: reflect
struct BatchMatMulParams {
  bool adj_x = false, adj_y = false, asymmetric_quantize_inputs = false;
};
struct L2NormParams {
  Activation activation = Activation::none;
};
struct GeluParams {
  bool approximate = false;
};
struct CumsumParams {
  bool exclusive = false, reverse = false;
};
struct OneHotParams {
  std::int32_t axis = -1;
};
struct LstmParams {  // UNIDIRECTIONAL_SEQUENCE_LSTM
  Activation activation = Activation::tanh;
  float cell_clip = 0.0f, proj_clip = 0.0f;
  bool time_major = false, asymmetric_quantize_inputs = false;
};
struct SvdfParams {
  std::int32_t rank = 1;
  Activation activation = Activation::none;
  bool asymmetric_quantize_inputs = false;
};
struct CallOnceParams {
  std::int32_t subgraph = 0;
};
struct VarHandleParams {
  std::string container, shared_name;
};
struct CompositeParams {
  std::string name;
  std::int32_t subgraph = 0;
};                                   // STABLEHLO_COMPOSITE
struct DetectionPostProcessParams {  // custom TFLite_Detection_PostProcess
  std::int32_t max_detections = 0, max_classes_per_detection = 1, detections_per_class = 100;
  std::int32_t num_classes = 0;
  float nms_score_threshold = 0.0f, nms_iou_threshold = 0.0f;
  std::array<float, 4> scale{1, 1, 1, 1};  // y x h w
  bool use_regular_nms = false;
};

using OpParams =
    std::variant<std::monostate, ConvParams, FullyConnectedParams, TransposeConvParams, PoolParams,
                 ElementwiseParams, SoftmaxParams, ConcatenationParams, ReshapeParams, ReduceParams,
                 StridedSliceParams, ResizeParams, SplitParams, PackParams, UnpackParams, ArgParams,
                 GatherParams, LeakyReluParams, DepthSpaceParams, SqueezeParams, ShapeOpParams,
                 MirrorPadParams, BatchMatMulParams, L2NormParams, GeluParams, CumsumParams,
                 OneHotParams, LstmParams, SvdfParams, CallOnceParams, VarHandleParams,
                 CompositeParams, DetectionPostProcessParams>;

}  // namespace pinfer
