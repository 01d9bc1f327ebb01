// SPDX-License-Identifier: Apache-2.0
// OpParams written as the options table of an operator: the reader's way back.
#include <flatbuffers/flexbuffers.h>

#include <map>

#include "tests/support/model_builder_wire.h"

namespace pinfer::test {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using wire::Options;

// Unchecked: tests write enumerators that do not exist.
wire::ActivationCode code(Activation activation) {
  return static_cast<wire::ActivationCode>(activation);
}
wire::PaddingCode code(Padding padding) { return static_cast<wire::PaddingCode>(padding); }
wire::ElementType index_type(bool wide) {
  return wide ? wire::ElementType::INT64 : wire::ElementType::INT32;
}

// Writes the table that belongs to the alternative; `type` is the union member of the operator.
struct Writer {
  FlatBufferBuilder& fbb;
  Options type;

  Offset<void> operator()(std::monostate) const { return wire::CreateOpaque(fbb).Union(); }
  Offset<void> operator()(const ConvParams& p) const {
    if (type == Options::DepthwiseConv2D)
      return wire::CreateDepthwiseConv2D(fbb, code(p.padding), p.stride_w, p.stride_h,
                                         p.depth_multiplier, code(p.activation), p.dilation_w,
                                         p.dilation_h)
          .Union();
    return wire::CreateConv2D(fbb, code(p.padding), p.stride_w, p.stride_h, code(p.activation),
                              p.dilation_w, p.dilation_h)
        .Union();
  }
  Offset<void> operator()(const FullyConnectedParams& p) const {
    return wire::CreateFullyConnected(
               fbb, code(p.activation),
               p.shuffled_weights ? wire::WeightsFormat::SHUFFLED_4X16 : wire::WeightsFormat::PLAIN,
               p.keep_num_dims, p.asymmetric_quantize_inputs)
        .Union();
  }
  Offset<void> operator()(const TransposeConvParams& p) const {
    return wire::CreateTransposeConv(fbb, code(p.padding), p.stride_w, p.stride_h,
                                     code(p.activation))
        .Union();
  }
  Offset<void> operator()(const PoolParams& p) const {
    return wire::CreatePool2D(fbb, code(p.padding), p.stride_w, p.stride_h, p.filter_w, p.filter_h,
                              code(p.activation))
        .Union();
  }
  Offset<void> operator()(const ElementwiseParams& p) const {
    if (type == Options::Add || type == Options::Sub)
      return wire::CreateSum(fbb, code(p.activation), p.pot_scale_int16).Union();
    return wire::CreateActivated(fbb, code(p.activation)).Union();
  }
  Offset<void> operator()(const SoftmaxParams& p) const {
    return wire::CreateSoftmax(fbb, p.beta).Union();
  }
  Offset<void> operator()(const ConcatenationParams& p) const {
    return wire::CreateConcatenation(fbb, p.axis, code(p.activation)).Union();
  }
  Offset<void> operator()(const ReshapeParams& p) const {
    if (!p.has_new_shape) return wire::CreateReshape(fbb).Union();
    return wire::CreateReshape(fbb, fbb.CreateVector(p.new_shape)).Union();
  }
  Offset<void> operator()(const ReduceParams& p) const {
    return wire::CreateReducer(fbb, p.keep_dims).Union();
  }
  Offset<void> operator()(const StridedSliceParams& p) const {
    return wire::CreateStridedSlice(fbb, p.begin_mask, p.end_mask, p.ellipsis_mask, p.new_axis_mask,
                                    p.shrink_axis_mask, p.offset)
        .Union();
  }
  Offset<void> operator()(const ResizeParams& p) const {
    if (type == Options::ResizeBilinear)
      return wire::CreateResizeBilinear(fbb, p.align_corners, p.half_pixel_centers).Union();
    return wire::CreateResizeNearest(fbb, p.align_corners, p.half_pixel_centers).Union();
  }
  Offset<void> operator()(const SplitParams& p) const {
    return wire::CreateSplit(fbb, p.num_splits).Union();
  }
  Offset<void> operator()(const PackParams& p) const {
    return wire::CreatePack(fbb, p.count, p.axis).Union();
  }
  Offset<void> operator()(const UnpackParams& p) const {
    return wire::CreatePack(fbb, p.count, p.axis).Union();
  }
  Offset<void> operator()(const ArgParams& p) const {
    return wire::CreateOutputType(fbb, index_type(p.int64_output)).Union();
  }
  Offset<void> operator()(const GatherParams& p) const {
    return wire::CreateGather(fbb, p.axis, p.batch_dims).Union();
  }
  Offset<void> operator()(const LeakyReluParams& p) const {
    return wire::CreateLeakyRelu(fbb, p.alpha).Union();
  }
  Offset<void> operator()(const DepthSpaceParams& p) const {
    return wire::CreateBlock(fbb, p.block_size).Union();
  }
  Offset<void> operator()(const SqueezeParams& p) const {
    return wire::CreateSqueeze(fbb, fbb.CreateVector(p.dims)).Union();
  }
  Offset<void> operator()(const ShapeOpParams& p) const {
    return wire::CreateOutputType(fbb, index_type(p.int64_output)).Union();
  }
  Offset<void> operator()(const MirrorPadParams& p) const {
    return wire::CreateMirrorPad(
               fbb, p.symmetric ? wire::MirrorMode::SYMMETRIC : wire::MirrorMode::REFLECT)
        .Union();
  }
  Offset<void> operator()(const BatchMatMulParams& p) const {
    return wire::CreateBatchMatMul(fbb, p.adj_x, p.adj_y, p.asymmetric_quantize_inputs).Union();
  }
  Offset<void> operator()(const L2NormParams& p) const {
    return wire::CreateActivated(fbb, code(p.activation)).Union();
  }
  Offset<void> operator()(const GeluParams& p) const {
    return wire::CreateGelu(fbb, p.approximate).Union();
  }
  Offset<void> operator()(const CumsumParams& p) const {
    return wire::CreateCumsum(fbb, p.exclusive, p.reverse).Union();
  }
  Offset<void> operator()(const OneHotParams& p) const {
    return wire::CreateOneHot(fbb, p.axis).Union();
  }
  Offset<void> operator()(const LstmParams& p) const {
    return wire::CreateSequenceLstm(fbb, code(p.activation), p.cell_clip, p.proj_clip, p.time_major,
                                    p.asymmetric_quantize_inputs)
        .Union();
  }
  Offset<void> operator()(const SvdfParams& p) const {
    return wire::CreateSvdf(fbb, p.rank, code(p.activation), p.asymmetric_quantize_inputs).Union();
  }
  Offset<void> operator()(const CallOnceParams& p) const {
    return wire::CreateCallOnce(fbb, p.subgraph).Union();
  }
  Offset<void> operator()(const VarHandleParams& p) const {
    const auto container = fbb.CreateString(p.container);
    const auto name = fbb.CreateString(p.shared_name);
    return wire::CreateVarHandle(fbb, container, name).Union();
  }
  Offset<void> operator()(const CompositeParams& p) const {
    return wire::CreateComposite(fbb, fbb.CreateString(p.name), p.subgraph).Union();
  }
  // Custom operators have no table: see write_custom_options().
  Offset<void> operator()(const DetectionPostProcessParams&) const { return 0; }
};

const std::map<std::string, Options>& members() {
  static const std::map<std::string, Options> kMembers = {
      {"CONV_2D", Options::Conv2D},
      {"DEPTHWISE_CONV_2D", Options::DepthwiseConv2D},
      {"TRANSPOSE_CONV", Options::TransposeConv},
      {"AVERAGE_POOL_2D", Options::Pool2D},
      {"MAX_POOL_2D", Options::Pool2D},
      {"L2_POOL_2D", Options::Pool2D},
      {"FULLY_CONNECTED", Options::FullyConnected},
      {"ADD", Options::Add},
      {"SUB", Options::Sub},
      {"MUL", Options::Mul},
      {"DIV", Options::Div},
      {"SOFTMAX", Options::Softmax},
      {"CONCATENATION", Options::Concatenation},
      {"RESHAPE", Options::Reshape},
      {"MEAN", Options::Reducer},
      {"SUM", Options::Reducer},
      {"REDUCE_PROD", Options::Reducer},
      {"REDUCE_MAX", Options::Reducer},
      {"REDUCE_MIN", Options::Reducer},
      {"REDUCE_ANY", Options::Reducer},
      {"REDUCE_ALL", Options::Reducer},
      {"STRIDED_SLICE", Options::StridedSlice},
      {"RESIZE_BILINEAR", Options::ResizeBilinear},
      {"RESIZE_NEAREST_NEIGHBOR", Options::ResizeNearest},
      {"SPLIT", Options::Split},
      {"SPLIT_V", Options::SplitV},
      {"PACK", Options::Pack},
      {"UNPACK", Options::Unpack},
      {"ARG_MAX", Options::ArgMax},
      {"ARG_MIN", Options::ArgMin},
      {"GATHER", Options::Gather},
      {"LEAKY_RELU", Options::LeakyRelu},
      {"DEPTH_TO_SPACE", Options::DepthToSpace},
      {"SPACE_TO_DEPTH", Options::SpaceToDepth},
      {"SQUEEZE", Options::Squeeze},
      {"SHAPE", Options::Shape},
      {"MIRROR_PAD", Options::MirrorPad},
      {"BATCH_MATMUL", Options::BatchMatMul},
      {"L2_NORMALIZATION", Options::L2Norm},
      {"GELU", Options::Gelu},
      {"CUMSUM", Options::Cumsum},
      {"ONE_HOT", Options::OneHot},
      {"UNIDIRECTIONAL_SEQUENCE_LSTM", Options::SequenceLstm},
      {"SVDF", Options::Svdf},
      {"CALL_ONCE", Options::CallOnce},
      {"VAR_HANDLE", Options::VarHandle},
  };
  return kMembers;
}

// Operators that run subgraphs and have no OpParams of their own.
WireOptions write_calls(FlatBufferBuilder& fbb, const OpSpec& op) {
  const auto callee = [&](std::size_t i) { return i < op.calls.size() ? op.calls[i] : 0; };
  if (op.name == "IF") return {Options::If, {}, wire::CreateIf(fbb, callee(0), callee(1)).Union()};
  if (op.name == "WHILE")
    return {Options::While, {}, wire::CreateWhile(fbb, callee(0), callee(1)).Union()};
  const auto subgraph = static_cast<std::uint32_t>(callee(0));
  return {Options::Call, {}, wire::CreateCall(fbb, subgraph).Union()};
}

}  // namespace

std::vector<std::uint8_t> write_custom_options(const OpSpec& op) {
  const auto* p = std::get_if<DetectionPostProcessParams>(&op.params);
  if (p == nullptr) return op.custom_options;
  flexbuffers::Builder fbb;
  fbb.Map([&] {
    fbb.Int("max_detections", p->max_detections);
    fbb.Int("max_classes_per_detection", p->max_classes_per_detection);
    fbb.Int("detections_per_class", p->detections_per_class);
    fbb.Int("num_classes", p->num_classes);
    fbb.Float("nms_score_threshold", p->nms_score_threshold);
    fbb.Float("nms_iou_threshold", p->nms_iou_threshold);
    fbb.Float("y_scale", p->scale[0]);
    fbb.Float("x_scale", p->scale[1]);
    fbb.Float("h_scale", p->scale[2]);
    fbb.Float("w_scale", p->scale[3]);
    fbb.Bool("use_regular_nms", p->use_regular_nms);
  });
  fbb.Finish();
  return fbb.GetBuffer();
}

WireOptions write_options(FlatBufferBuilder& fbb, const OpSpec& op, const std::string& name) {
  if (!op.calls.empty()) return write_calls(fbb, op);
  if (std::holds_alternative<std::monostate>(op.params)) return {};
  if (std::holds_alternative<CompositeParams>(op.params)) {
    const auto table = std::visit(Writer{fbb, Options::NONE}, op.params);
    return {Options::NONE, wire::Options2::Composite, table};
  }
  const auto member = members().find(name);
  if (member == members().end()) return {};
  return {member->second, {}, std::visit(Writer{fbb, member->second}, op.params)};
}

}  // namespace pinfer::test
