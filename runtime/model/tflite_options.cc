// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/tflite_options.h"

#include <algorithm>
#include <array>

#include "runtime/model/text.h"

namespace pinfer {
namespace {

constexpr std::size_t kMaxTextBytes = 512;

// An enumerator of the file that stands for no value; reported once, at the end.
struct EnumCheck {
  std::string_view field;
  int value = 0;
  bool failed = false;

  Padding padding(wire::PaddingCode code) {
    check("padding", static_cast<int>(code), 1);
    return code == wire::PaddingCode::VALID ? Padding::valid : Padding::same;
  }
  Activation activation(wire::ActivationCode code) {
    check("fused activation", static_cast<int>(code), 5);
    return failed ? Activation::none : static_cast<Activation>(code);
  }
  bool second(std::string_view name, int code) {
    check(name, code, 1);
    return code == 1;
  }
  // int32 or int64, as SHAPE and ARG_MAX may give; old writers of ARG_MAX leave 0 (float32).
  bool is_int64(wire::ElementType type) {
    if (type != wire::ElementType::INT32 && type != wire::ElementType::INT64 &&
        type != wire::ElementType::FLOAT32)
      fail_with("output type", static_cast<int>(type));
    return type == wire::ElementType::INT64;
  }
  void check(std::string_view name, int code, int last) {
    if (code < 0 || code > last) fail_with(name, code);
  }
  void fail_with(std::string_view name, int code) {
    if (failed) return;
    failed = true;
    field = name;
    value = code;
  }
};

using Op = wire::Operator;

OpParams conv(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_Conv2D();
  return ConvParams{.padding = check.padding(o.padding()),
                    .stride_h = o.stride_h(),
                    .stride_w = o.stride_w(),
                    .dilation_h = o.dilation_h(),
                    .dilation_w = o.dilation_w(),
                    .depth_multiplier = 1,
                    .activation = check.activation(o.activation()),
                    .extra = {}};
}
OpParams depthwise(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_DepthwiseConv2D();
  return ConvParams{.padding = check.padding(o.padding()),
                    .stride_h = o.stride_h(),
                    .stride_w = o.stride_w(),
                    .dilation_h = o.dilation_h(),
                    .dilation_w = o.dilation_w(),
                    .depth_multiplier = o.depth_multiplier(),
                    .activation = check.activation(o.activation()),
                    .extra = {}};
}
OpParams transpose_conv(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_TransposeConv();
  return TransposeConvParams{check.padding(o.padding()), o.stride_h(), o.stride_w(),
                             check.activation(o.activation())};
}
OpParams pool(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_Pool2D();
  return PoolParams{
      check.padding(o.padding()),      o.stride_h(), o.stride_w(), o.filter_h(), o.filter_w(),
      check.activation(o.activation())};
}
OpParams fully_connected(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_FullyConnected();
  return FullyConnectedParams{check.activation(o.activation()),
                              check.second("weights format", static_cast<int>(o.weights_format())),
                              o.keep_num_dims(), o.asymmetric_quantize_inputs()};
}
template <auto As>
OpParams sum(const Op& op, EnumCheck& check) {
  const auto& o = *(op.*As)();
  return ElementwiseParams{check.activation(o.activation()), o.pot_scale_int16()};
}
template <auto As>
OpParams product(const Op& op, EnumCheck& check) {
  return ElementwiseParams{check.activation((op.*As)()->activation()), false};
}
OpParams softmax(const Op& op, EnumCheck&) {
  return SoftmaxParams{op.options_as_Softmax()->beta()};
}
OpParams concatenation(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_Concatenation();
  return ConcatenationParams{o.axis(), check.activation(o.activation())};
}
OpParams reducer(const Op& op, EnumCheck&) {
  return ReduceParams{op.options_as_Reducer()->keep_dims()};
}
OpParams strided_slice(const Op& op, EnumCheck&) {
  const auto& o = *op.options_as_StridedSlice();
  return StridedSliceParams{o.begin_mask(),    o.end_mask(),         o.ellipsis_mask(),
                            o.new_axis_mask(), o.shrink_axis_mask(), o.offset()};
}
template <auto As>
OpParams resize(const Op& op, EnumCheck&) {
  const auto& o = *(op.*As)();
  return ResizeParams{o.align_corners(), o.half_pixel_centers()};
}
template <auto As>
OpParams split(const Op& op, EnumCheck&) {
  return SplitParams{(op.*As)()->count()};
}
OpParams pack(const Op& op, EnumCheck&) {
  return PackParams{op.options_as_Pack()->count(), op.options_as_Pack()->axis()};
}
OpParams unpack(const Op& op, EnumCheck&) {
  return UnpackParams{op.options_as_Unpack()->count(), op.options_as_Unpack()->axis()};
}
template <auto As>
OpParams arg(const Op& op, EnumCheck& check) {
  return ArgParams{check.is_int64((op.*As)()->type())};
}
OpParams shape(const Op& op, EnumCheck& check) {
  return ShapeOpParams{check.is_int64(op.options_as_Shape()->type())};
}
OpParams gather(const Op& op, EnumCheck&) {
  return GatherParams{op.options_as_Gather()->axis(), op.options_as_Gather()->batch_dims()};
}
OpParams leaky_relu(const Op& op, EnumCheck&) {
  return LeakyReluParams{op.options_as_LeakyRelu()->alpha()};
}
template <auto As>
OpParams block(const Op& op, EnumCheck&) {
  return DepthSpaceParams{(op.*As)()->block_size()};
}
OpParams mirror_pad(const Op& op, EnumCheck& check) {
  return MirrorPadParams{check.second("mode", static_cast<int>(op.options_as_MirrorPad()->mode()))};
}
OpParams batch_matmul(const Op& op, EnumCheck&) {
  const auto& o = *op.options_as_BatchMatMul();
  return BatchMatMulParams{o.adj_x(), o.adj_y(), o.asymmetric_quantize_inputs()};
}
OpParams l2_norm(const Op& op, EnumCheck& check) {
  return L2NormParams{check.activation(op.options_as_L2Norm()->activation())};
}
OpParams gelu(const Op& op, EnumCheck&) { return GeluParams{op.options_as_Gelu()->approximate()}; }
OpParams cumsum(const Op& op, EnumCheck&) {
  return CumsumParams{op.options_as_Cumsum()->exclusive(), op.options_as_Cumsum()->reverse()};
}
OpParams one_hot(const Op& op, EnumCheck&) { return OneHotParams{op.options_as_OneHot()->axis()}; }
OpParams lstm(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_SequenceLstm();
  return LstmParams{check.activation(o.activation()), o.cell_clip(), o.proj_clip(), o.time_major(),
                    o.asymmetric_quantize_inputs()};
}
OpParams svdf(const Op& op, EnumCheck& check) {
  const auto& o = *op.options_as_Svdf();
  return SvdfParams{o.rank(), check.activation(o.activation()), o.asymmetric_quantize_inputs()};
}
OpParams call_once(const Op& op, EnumCheck&) {
  return CallOnceParams{op.options_as_CallOnce()->subgraph()};
}
OpParams var_handle(const Op& op, EnumCheck&) {
  const auto& o = *op.options_as_VarHandle();
  return VarHandleParams{clean_text(view(o.container()), kMaxTextBytes),
                         clean_text(view(o.shared_name()), kMaxTextBytes)};
}
OpParams composite(const Op& op, EnumCheck&) {
  const auto& o = *op.options_2_as_Composite();
  return CompositeParams{clean_text(view(o.name()), kMaxTextBytes), o.subgraph()};
}

std::vector<std::int32_t> copy(const flatbuffers::Vector<std::int32_t>* from) {
  return from == nullptr ? std::vector<std::int32_t>{}
                         : std::vector<std::int32_t>(from->begin(), from->end());
}
OpParams reshape(const Op& op, EnumCheck&) {
  const auto* from = op.options_as_Reshape()->new_shape();
  return ReshapeParams{copy(from), from != nullptr};
}
OpParams squeeze(const Op& op, EnumCheck&) {
  return SqueezeParams{copy(op.options_as_Squeeze()->dims())};
}

struct Reader {
  wire::Builtin builtin;
  wire::Options type;
  OpParams (*read)(const Op&, EnumCheck&);
};
using wire::Builtin;
using wire::Options;

constexpr std::array kReaders = {
    Reader{Builtin::CONV_2D, Options::Conv2D, conv},
    Reader{Builtin::DEPTHWISE_CONV_2D, Options::DepthwiseConv2D, depthwise},
    Reader{Builtin::TRANSPOSE_CONV, Options::TransposeConv, transpose_conv},
    Reader{Builtin::AVERAGE_POOL_2D, Options::Pool2D, pool},
    Reader{Builtin::MAX_POOL_2D, Options::Pool2D, pool},
    Reader{Builtin::L2_POOL_2D, Options::Pool2D, pool},
    Reader{Builtin::FULLY_CONNECTED, Options::FullyConnected, fully_connected},
    Reader{Builtin::ADD, Options::Add, sum<&Op::options_as_Add>},
    Reader{Builtin::SUB, Options::Sub, sum<&Op::options_as_Sub>},
    Reader{Builtin::MUL, Options::Mul, product<&Op::options_as_Mul>},
    Reader{Builtin::DIV, Options::Div, product<&Op::options_as_Div>},
    Reader{Builtin::SOFTMAX, Options::Softmax, softmax},
    Reader{Builtin::CONCATENATION, Options::Concatenation, concatenation},
    Reader{Builtin::RESHAPE, Options::Reshape, reshape},
    Reader{Builtin::MEAN, Options::Reducer, reducer},
    Reader{Builtin::SUM, Options::Reducer, reducer},
    Reader{Builtin::REDUCE_PROD, Options::Reducer, reducer},
    Reader{Builtin::REDUCE_MAX, Options::Reducer, reducer},
    Reader{Builtin::REDUCE_MIN, Options::Reducer, reducer},
    Reader{Builtin::REDUCE_ANY, Options::Reducer, reducer},
    Reader{Builtin::REDUCE_ALL, Options::Reducer, reducer},
    Reader{Builtin::STRIDED_SLICE, Options::StridedSlice, strided_slice},
    Reader{Builtin::RESIZE_BILINEAR, Options::ResizeBilinear,
           resize<&Op::options_as_ResizeBilinear>},
    Reader{Builtin::RESIZE_NEAREST_NEIGHBOR, Options::ResizeNearest,
           resize<&Op::options_as_ResizeNearest>},
    Reader{Builtin::SPLIT, Options::Split, split<&Op::options_as_Split>},
    Reader{Builtin::SPLIT_V, Options::SplitV, split<&Op::options_as_SplitV>},
    Reader{Builtin::PACK, Options::Pack, pack},
    Reader{Builtin::UNPACK, Options::Unpack, unpack},
    Reader{Builtin::ARG_MAX, Options::ArgMax, arg<&Op::options_as_ArgMax>},
    Reader{Builtin::ARG_MIN, Options::ArgMin, arg<&Op::options_as_ArgMin>},
    Reader{Builtin::GATHER, Options::Gather, gather},
    Reader{Builtin::LEAKY_RELU, Options::LeakyRelu, leaky_relu},
    Reader{Builtin::DEPTH_TO_SPACE, Options::DepthToSpace, block<&Op::options_as_DepthToSpace>},
    Reader{Builtin::SPACE_TO_DEPTH, Options::SpaceToDepth, block<&Op::options_as_SpaceToDepth>},
    Reader{Builtin::SQUEEZE, Options::Squeeze, squeeze},
    Reader{Builtin::SHAPE, Options::Shape, shape},
    Reader{Builtin::MIRROR_PAD, Options::MirrorPad, mirror_pad},
    Reader{Builtin::BATCH_MATMUL, Options::BatchMatMul, batch_matmul},
    Reader{Builtin::L2_NORMALIZATION, Options::L2Norm, l2_norm},
    Reader{Builtin::GELU, Options::Gelu, gelu},
    Reader{Builtin::CUMSUM, Options::Cumsum, cumsum},
    Reader{Builtin::ONE_HOT, Options::OneHot, one_hot},
    Reader{Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, Options::SequenceLstm, lstm},
    Reader{Builtin::SVDF, Options::Svdf, svdf},
    Reader{Builtin::CALL_ONCE, Options::CallOnce, call_once},
    Reader{Builtin::VAR_HANDLE, Options::VarHandle, var_handle},
};

// Entries that the lists of one operator may have: reshape and squeeze dimensions.
Result<void> check_lists(const Op& op) {
  std::uint32_t entries = 0;
  if (const auto* o = op.options_as_Reshape()) entries = size_of_vector(o->new_shape());
  if (const auto* o = op.options_as_Squeeze()) entries = size_of_vector(o->dims());
  if (entries > 32)
    return fail(ErrorCode::invalid_model, "V14: its list of dimensions has {} entries", entries);
  return {};
}

}  // namespace

Result<OpParams> read_options(const wire::Operator& from, wire::Builtin builtin,
                              Allowance& allowance) {
  OpParams params;
  EnumCheck check;
  PINFER_CHECK(allowance.take(sizeof(OpParams)));
  PINFER_CHECK(check_lists(from));
  if (builtin == wire::Builtin::STABLEHLO_COMPOSITE) {
    if (from.options_2_as_Composite() != nullptr) params = composite(from, check);
    return params;
  }
  const auto* reader = std::find_if(kReaders.begin(), kReaders.end(),
                                    [&](const Reader& r) { return r.builtin == builtin; });
  // A union whose type is set but whose table is missing reads as "no options".
  if (reader == kReaders.end() || from.options() == nullptr ||
      from.options_type() == wire::Options::NONE)
    return params;
  if (from.options_type() != reader->type)
    return fail(ErrorCode::invalid_model, "V5: its options are {}, expected {}",
                wire::EnumNameOptions(from.options_type()), wire::EnumNameOptions(reader->type));
  params = reader->read(from, check);
  if (check.failed)
    return fail(ErrorCode::invalid_model, "V5: its {} is {}, which has no meaning", check.field,
                check.value);
  return params;
}

}  // namespace pinfer
