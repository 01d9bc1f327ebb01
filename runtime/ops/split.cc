// SPDX-License-Identifier: Apache-2.0
// SPLIT, SPLIT_V and UNPACK: one tensor cut into several along a dimension.
#include <algorithm>

#include "runtime/ops/move.h"

namespace pinfer {
namespace {

constexpr std::size_t kMaxOutputs = 65536;

// What the three have in common once their operands are read.
struct Cut {
  int input = 0;                    // which operand is cut
  int axis = 0;                     // normalised
  std::vector<std::int64_t> sizes;  // one an output
};

Result<void> expect_operands(const NodeContext& context, int inputs) {
  PINFER_CHECK(context.expect_operands(inputs, inputs, context.output_count()));
  if (context.output_count() == 0) return context.error("V2", "it has no outputs");
  return {};
}

Result<int> axis_of(const NodeContext& context, int axis_input, int input) {
  PINFER_TRY(const auto values, context.index_values(axis_input, 1));
  if (values.size() != 1) return context.error("V7", "the axis has {} values", values.size());
  return context.normalise_axis(values[0], static_cast<int>(context.input(input).shape.size()));
}

Result<Cut> read_split(const NodeContext& context) {
  PINFER_CHECK(expect_operands(context, 2));
  PINFER_TRY(const int axis, axis_of(context, 0, 1));
  const std::int64_t count = context.params<SplitParams>().num_splits;
  if (count != context.output_count())
    return context.error("V5", "num_splits is {}, there are {} outputs", count,
                         context.output_count());
  const std::int64_t extent = context.input(1).shape[static_cast<std::size_t>(axis)];
  if (extent % count != 0)
    return context.error("V5", "dimension {} of {} does not divide into {} parts", axis,
                         to_string(context.input(1).shape), count);
  return Cut{1, axis, std::vector<std::int64_t>(static_cast<std::size_t>(count), extent / count)};
}

Result<Cut> read_split_v(const NodeContext& context) {
  PINFER_CHECK(expect_operands(context, 3));
  PINFER_TRY(const int axis, axis_of(context, 2, 0));
  PINFER_TRY(auto sizes, context.index_values(1, kMaxOutputs));
  if (sizes.size() != static_cast<std::size_t>(context.output_count()))
    return context.error("V5", "there are {} sizes and {} outputs", sizes.size(),
                         context.output_count());
  const std::int64_t extent = context.input(0).shape[static_cast<std::size_t>(axis)];
  std::int64_t known = 0;
  std::ptrdiff_t rest = -1;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == -1 && rest < 0) {
      rest = static_cast<std::ptrdiff_t>(i);
    } else if (sizes[i] < 0 || sizes[i] > extent) {
      return context.error("V5", "size {} is {}, dimension {} has {}", i, sizes[i], axis, extent);
    } else {
      known += sizes[i];
    }
  }
  if (rest >= 0 ? known > extent : known != extent)
    return context.error("V8", "the sizes add up to {}, dimension {} has {}", known, axis, extent);
  if (rest >= 0) sizes[static_cast<std::size_t>(rest)] = extent - known;
  return Cut{0, axis, std::move(sizes)};
}

Result<Cut> read_unpack(const NodeContext& context) {
  PINFER_CHECK(expect_operands(context, 1));
  const auto params = context.params<UnpackParams>();
  const Shape& shape = context.input(0).shape;
  PINFER_TRY(const int axis, context.normalise_axis(params.axis, static_cast<int>(shape.size())));
  const std::int32_t extent = shape[static_cast<std::size_t>(axis)];
  if (params.count != context.output_count() || params.count != extent)
    return context.error("V5", "num is {}, there are {} outputs and dimension {} has {}",
                         params.count, context.output_count(), axis, extent);
  return Cut{0, axis, std::vector<std::int64_t>(static_cast<std::size_t>(extent), 1)};
}

using ReadCut = Result<Cut> (*)(const NodeContext&);

template <ReadCut kRead, bool kDropAxis>
Result<void> infer(const NodeContext& context) {
  PINFER_TRY(const Cut cut, kRead(context));
  const TensorInfo& in = context.input(cut.input);
  if (size_of(in.dtype) == 0)
    return context.unsupported("input {}", context.name_of(context.input_id(cut.input)));
  for (int i = 0; i < context.output_count(); ++i) {
    PINFER_CHECK(context.expect_output_type(i, in.dtype));
    Shape shape;
    for (std::size_t d = 0; d < in.shape.size(); ++d) {
      const bool cut_here = static_cast<int>(d) == cut.axis;
      if (cut_here && kDropAxis) continue;
      const std::int64_t extent = cut_here ? cut.sizes[static_cast<std::size_t>(i)] : in.shape[d];
      if (!shape.push_back(static_cast<std::int32_t>(extent))) break;
    }
    PINFER_CHECK(context.set_output_shape(i, shape));
  }
  return {};
}

template <ReadCut kRead, bool kDropAxis>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const Cut cut, kRead(context));
  const View in = whole(context, context.input_id(cut.input));
  Moves moves;
  std::int64_t start = 0;
  for (int i = 0; i < context.output_count(); ++i) {
    const std::int64_t size = cut.sizes[static_cast<std::size_t>(i)];
    const View part = narrowed(in, cut.axis, start, 1, size);
    moves.copy(kDropAxis ? without(part, cut.axis) : part, whole(context, context.output_id(i)));
    start += size;
  }
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator split_operator;
const Operator split_operator{
    .name = "SPLIT", .infer = infer<read_split, false>, .prepare = prepare<read_split, false>};
extern const Operator split_v_operator;
const Operator split_v_operator{.name = "SPLIT_V",
                                .infer = infer<read_split_v, false>,
                                .prepare = prepare<read_split_v, false>};
extern const Operator unpack_operator;
const Operator unpack_operator{
    .name = "UNPACK", .infer = infer<read_unpack, true>, .prepare = prepare<read_unpack, true>};

}  // namespace pinfer
