// SPDX-License-Identifier: Apache-2.0
// PAD, PADV2 and MIRROR_PAD: a border around a tensor, of one value or of its own mirror image.
#include <cstring>

#include "runtime/ops/move.h"

namespace pinfer {
namespace {

struct Border {
  std::int64_t before = 0, after = 0;
};

Result<std::vector<Border>> read_borders(const NodeContext& context) {
  PINFER_TRY(const auto values, context.index_values(1, 2 * kMaxRank));
  const Shape& in = context.input(0).shape;
  const Shape& shape = context.input(1).shape;
  if (shape.size() != 2 || shape[1] != 2 || values.size() != 2 * in.size())
    return context.error("V8", "the paddings are {}, expected [{}x2]", to_string(shape), in.size());
  std::vector<Border> borders(in.size());
  for (std::size_t d = 0; d < in.size(); ++d) {
    borders[d] = {values[2 * d], values[2 * d + 1]};
    for (const std::int64_t amount : {borders[d].before, borders[d].after})
      if (amount < 0 || amount > kMaxElements)
        return context.error("V7", "dimension {} is padded by {}", d, amount);
  }
  return borders;
}

Result<void> set_padded_shape(const NodeContext& context, const std::vector<Border>& borders) {
  Shape shape = context.input(0).shape;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::int64_t extent = shape[d] + borders[d].before + borders[d].after;
    if (extent > kMaxElements)
      return context.error("V4", "dimension {} of the output would be {}", d, extent);
    shape[d] = static_cast<std::int32_t>(extent);
  }
  return context.set_output_shape(0, shape);
}

Result<void> infer_pad(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 3));
  PINFER_TRY(const auto borders, read_borders(context));
  const TensorInfo& in = context.input(0);
  if (context.has_input(2)) {
    const TensorInfo& value = context.input(2);
    if (value.dtype != in.dtype || elements(value.shape) != 1)
      return context.error("V8", "the padding value is {}, expected one {}",
                           context.name_of(context.input_id(2)), to_string(in.dtype));
  } else if (context.output(0).quant.quantized()) {
    PINFER_CHECK(context.expect_per_tensor_quant(context.output(0)));
  }
  return set_padded_shape(context, borders);
}

// What stands for 0 in a tensor: its zero point, or plain zero bytes.
std::vector<std::byte> zero_of(const TensorInfo& info) {
  std::vector<std::byte> value(size_of(info.dtype));
  const std::int32_t zero_point = info.quant.quantized() ? info.zero_point() : 0;
  if (size_of(info.dtype) == 1 && info.dtype != DType::boolean)
    value[0] = static_cast<std::byte>(zero_point & 0xff);
  return value;
}

bool any(const std::vector<Border>& borders) {
  for (const Border& border : borders)
    if (border.before != 0 || border.after != 0) return true;
  return false;
}

Result<std::unique_ptr<Step>> prepare_pad(const NodeContext& context) {
  PINFER_TRY(const auto borders, read_borders(context));
  const TensorId in = context.input_id(0), out = context.output_id(0);
  Moves moves;
  if (any(borders)) {
    if (context.has_input(2))
      moves.fill_from(context, out, context.input_id(2));
    else
      moves.fill(context, out, zero_of(context.output(0)));
  }
  View inside = whole(context, out);
  for (std::size_t d = 0; d < borders.size(); ++d)
    inside = narrowed(inside, static_cast<int>(d), borders[d].before, 1, context.input(0).shape[d]);
  moves.copy(whole(context, in), inside);
  return std::move(moves).step(context);
}

Result<void> infer_mirror(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_TRY(const auto borders, read_borders(context));
  // "Reflect" does not repeat the edge, so it has one element less to show.
  const std::int64_t edge = context.params<MirrorPadParams>().symmetric ? 0 : 1;
  for (std::size_t d = 0; d < borders.size(); ++d) {
    const std::int64_t most = std::max<std::int64_t>(context.input(0).shape[d] - edge, 0);
    if (borders[d].before > most || borders[d].after > most)
      return context.error("V7", "dimension {} of {} cannot be mirrored by {} and {}", d,
                           to_string(context.input(0).shape), borders[d].before, borders[d].after);
  }
  return set_padded_shape(context, borders);
}

// A run of output elements along one dimension and the input elements they show.
struct Segment {
  std::int64_t out_start = 0, in_start = 0, in_step = 1, count = 0;
};

// Copies each combination of one segment a dimension, from dimension `d` on.
void mirror(Moves& moves, const std::vector<std::vector<Segment>>& segments, std::size_t d,
            const View& in, const View& out) {
  if (d == segments.size()) return moves.copy(in, out);
  const int dim = static_cast<int>(d);
  for (const Segment& s : segments[d])
    mirror(moves, segments, d + 1, narrowed(in, dim, s.in_start, s.in_step, s.count),
           narrowed(out, dim, s.out_start, 1, s.count));
}

Result<std::unique_ptr<Step>> prepare_mirror(const NodeContext& context) {
  PINFER_TRY(const auto borders, read_borders(context));
  const std::int64_t edge = context.params<MirrorPadParams>().symmetric ? 0 : 1;
  std::vector<std::vector<Segment>> segments(borders.size());
  for (std::size_t d = 0; d < borders.size(); ++d) {
    const auto [before, after] = borders[d];
    const std::int64_t extent = context.input(0).shape[d];
    if (before > 0) segments[d].push_back({0, before - 1 + edge, -1, before});
    segments[d].push_back({before, 0, 1, extent});
    if (after > 0) segments[d].push_back({before + extent, extent - 1 - edge, -1, after});
  }
  Moves moves;
  mirror(moves, segments, 0, whole(context, context.input_id(0)),
         whole(context, context.output_id(0)));
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator pad_operator;
const Operator pad_operator{.name = "PAD", .infer = infer_pad, .prepare = prepare_pad};
extern const Operator padv2_operator;
const Operator padv2_operator{.name = "PADV2", .infer = infer_pad, .prepare = prepare_pad};
extern const Operator mirror_pad_operator;
const Operator mirror_pad_operator{
    .name = "MIRROR_PAD", .infer = infer_mirror, .prepare = prepare_mirror};

}  // namespace pinfer
