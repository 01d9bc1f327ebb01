// SPDX-License-Identifier: Apache-2.0
// SLICE, STRIDED_SLICE and REVERSE_V2: a part of a tensor, perhaps with steps or backwards.
#include <algorithm>

#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// What to take from one input dimension, or a new dimension of 1.
struct Range {
  std::int64_t start = 0, step = 1, count = 1;
  bool new_axis = false, shrink = false;
};

std::int32_t extent_of(const NodeContext& context, std::size_t dim) {
  return context.input(0).shape[dim];
}

Result<std::vector<Range>> read_slice(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 3, 3));
  PINFER_TRY(const auto begin, context.index_values(1, kMaxRank));
  PINFER_TRY(const auto size, context.index_values(2, kMaxRank));
  const std::size_t rank = context.input(0).shape.size();
  if (begin.size() != rank || size.size() != rank)
    return context.error("V7", "begin has {} and size {} entries, the input has {} dimensions",
                         begin.size(), size.size(), rank);
  std::vector<Range> ranges(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t extent = extent_of(context, d);
    if (begin[d] < 0 || begin[d] > extent)
      return context.error("V7", "begin {} is {}, the dimension has {}", d, begin[d], extent);
    const std::int64_t count = size[d] == -1 ? extent - begin[d] : size[d];
    if (count < 0 || count > extent - begin[d])
      return context.error("V7", "size {} is {} from {} on, the dimension has {}", d, size[d],
                           begin[d], extent);
    ranges[d] = {.start = begin[d], .count = count};
  }
  return ranges;
}

struct StridedSpec {
  std::vector<std::int64_t> begin, end, stride;
  StridedSliceParams params;
};

// One entry of the specification that names an input dimension.
Result<Range> strided_range(const NodeContext& context, const StridedSpec& spec, std::size_t entry,
                            std::int64_t extent) {
  const std::int32_t bit = std::int32_t{1} << entry;
  const std::int64_t stride = spec.stride[entry];
  if (stride == 0 || stride < -kMaxElements || stride > kMaxElements)
    return context.error("V6", "stride {} is {}", entry, stride);
  const bool forward = stride > 0;
  const std::int64_t low = forward ? 0 : -1, high = forward ? extent : extent - 1;
  const auto bounded = [&](std::int64_t index) {
    return std::clamp(index < 0 ? index + extent : index, low, std::max(low, high));
  };
  const bool shrink = (spec.params.shrink_axis_mask & bit) != 0;
  std::int64_t begin = bounded(spec.begin[entry]);
  if ((spec.params.begin_mask & bit) != 0) begin = forward ? 0 : extent - 1;
  if (shrink) {
    if (begin < 0 || begin >= extent)
      return context.error("V7", "begin {} is {}, the dimension to drop has {}", entry,
                           spec.begin[entry], extent);
    return Range{.start = begin, .shrink = true};
  }
  std::int64_t end = bounded(spec.params.offset ? spec.end[entry] + begin : spec.end[entry]);
  if ((spec.params.end_mask & bit) != 0) end = forward ? extent : -1;
  const std::int64_t span = forward ? end - begin : begin - end;
  const std::int64_t step = forward ? stride : -stride;
  return Range{.start = begin, .step = stride, .count = span <= 0 ? 0 : (span + step - 1) / step};
}

Result<StridedSpec> read_strided_spec(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 4, 4));
  StridedSpec spec;
  spec.params = context.params<StridedSliceParams>();
  PINFER_TRY(spec.begin, context.index_values(1, 2 * kMaxRank));
  PINFER_TRY(spec.end, context.index_values(2, 2 * kMaxRank));
  PINFER_TRY(spec.stride, context.index_values(3, 2 * kMaxRank));
  if (spec.begin.size() != spec.end.size() || spec.begin.size() != spec.stride.size())
    return context.error("V8", "begin, end and strides have {}, {} and {} entries",
                         spec.begin.size(), spec.end.size(), spec.stride.size());
  if ((spec.params.ellipsis_mask & (spec.params.ellipsis_mask - 1)) != 0)
    return context.error("V6", "ellipsis_mask {:#x} has more than one bit",
                         spec.params.ellipsis_mask);
  // "To the end" is often written as the largest integer: what is outside is clamped later.
  constexpr std::int64_t kFar = 2 * kMaxElements;
  for (std::size_t i = 0; i < spec.begin.size(); ++i) {
    spec.begin[i] = std::clamp(spec.begin[i], -kFar, kFar);
    spec.end[i] = std::clamp(spec.end[i], -kFar, kFar);
  }
  return spec;
}

Result<std::vector<Range>> read_strided_slice(const NodeContext& context) {
  PINFER_TRY(const StridedSpec spec, read_strided_spec(context));
  const std::size_t rank = context.input(0).shape.size();
  const auto has = [](std::int32_t mask, std::size_t i) { return ((mask >> i) & 1) != 0; };
  // How many input dimensions the entries name; an ellipsis stands for those that are left.
  std::size_t named = 0;
  for (std::size_t i = 0; i < spec.begin.size(); ++i)
    if (!has(spec.params.ellipsis_mask, i) && !has(spec.params.new_axis_mask, i)) ++named;
  if (named > rank)
    return context.error("V7", "it names {} dimensions, the input has {}", named, rank);
  std::vector<Range> ranges;
  std::size_t dim = 0;
  const auto take_whole = [&](std::size_t count) {
    for (; count > 0; --count, ++dim) ranges.push_back({.count = extent_of(context, dim)});
  };
  for (std::size_t i = 0; i < spec.begin.size(); ++i) {
    if (has(spec.params.ellipsis_mask, i)) {
      take_whole(rank - named);
    } else if (has(spec.params.new_axis_mask, i)) {
      ranges.push_back({.new_axis = true});
    } else {
      PINFER_TRY(const Range range, strided_range(context, spec, i, extent_of(context, dim)));
      ranges.push_back(range);
      ++dim;
    }
  }
  take_whole(rank - dim);
  return ranges;
}

Result<std::vector<Range>> read_reverse(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const auto axes, context.index_values(1, kMaxRank));
  const std::size_t rank = context.input(0).shape.size();
  std::vector<Range> ranges(rank);
  for (std::size_t d = 0; d < rank; ++d) ranges[d].count = extent_of(context, d);
  for (const std::int64_t wanted : axes) {
    PINFER_TRY(const int axis, context.normalise_axis(wanted, static_cast<int>(rank)));
    Range& range = ranges[static_cast<std::size_t>(axis)];
    if (range.step < 0) return context.error("V6", "axis {} is named twice", axis);
    range.start = range.count - 1;
    range.step = -1;
  }
  return ranges;
}

using ReadRanges = Result<std::vector<Range>> (*)(const NodeContext&);

template <ReadRanges kRead>
Result<void> infer(const NodeContext& context) {
  PINFER_TRY(const auto ranges, kRead(context));
  Shape shape;
  for (const Range& range : ranges)
    if (!range.shrink && !shape.push_back(static_cast<std::int32_t>(range.count)))
      return context.error("V4", "the output has more than {} dimensions", kMaxRank);
  return context.set_output_shape(0, shape);
}

template <ReadRanges kRead>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const auto ranges, kRead(context));
  View part = whole(context, context.input_id(0));
  View out = whole(context, context.output_id(0));
  int in_dim = 0, out_dim = 0;
  for (const Range& range : ranges) {
    if (range.new_axis) {
      out = without(out, out_dim);
      continue;
    }
    part = narrowed(part, in_dim, range.start, range.step, range.count);
    if (range.shrink) {
      part = without(part, in_dim);
    } else {
      ++in_dim;
      ++out_dim;
    }
  }
  Moves moves;
  moves.copy(part, out);
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator slice_operator;
const Operator slice_operator{
    .name = "SLICE", .infer = infer<read_slice>, .prepare = prepare<read_slice>};
extern const Operator strided_slice_operator;
const Operator strided_slice_operator{.name = "STRIDED_SLICE",
                                      .infer = infer<read_strided_slice>,
                                      .prepare = prepare<read_strided_slice>};
extern const Operator reverse_v2_operator;
const Operator reverse_v2_operator{
    .name = "REVERSE_V2", .infer = infer<read_reverse>, .prepare = prepare<read_reverse>};

}  // namespace pinfer
