// SPDX-License-Identifier: Apache-2.0
// SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: every block-th pixel becomes an image of its own, and
// back; how older converters write dilated convolutions.
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// More images than this for one come from no real net.
constexpr std::int64_t kMaxBlocks = 4096;

// One spatial dimension: the large side is block * small, less what is padded or cropped.
struct Spatial {
  std::int64_t block = 1, before = 0, after = 0;
};

Result<std::vector<Spatial>> read_spatial(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 3, 3));
  PINFER_CHECK(context.expect_rank(0, 2, static_cast<int>(kMaxRank)));
  PINFER_TRY(const auto block, context.index_values(1, kMaxRank));
  PINFER_TRY(const auto border, context.index_values(2, 2 * kMaxRank));
  const std::size_t count = block.size();
  if (count == 0 || count + 1 > context.input(0).shape.size() || border.size() != 2 * count)
    return context.error("V8", "the input is {}, there are {} block sizes and {} border entries",
                         to_string(context.input(0).shape), count, border.size());
  std::vector<Spatial> spatial(count);
  std::int64_t blocks = 1;
  for (std::size_t i = 0; i < count; ++i) {
    if (block[i] < 1 || block[i] > kMaxBlocks || blocks * block[i] > kMaxBlocks)
      return context.error("V5", "block size {} is {}", i, block[i]);
    blocks *= block[i];
    spatial[i] = {block[i], border[2 * i], border[2 * i + 1]};
    for (const std::int64_t amount : {spatial[i].before, spatial[i].after})
      if (amount < 0 || amount > kMaxElements)
        return context.error("V7", "border {} is {}", i, amount);
  }
  return spatial;
}

std::int64_t block_count(const std::vector<Spatial>& spatial) {
  std::int64_t count = 1;
  for (const Spatial& s : spatial) count *= s.block;
  return count;
}

Result<void> infer_to_batch(const NodeContext& context) {
  PINFER_TRY(const auto spatial, read_spatial(context));
  Shape shape = context.input(0).shape;
  for (std::size_t i = 0; i < spatial.size(); ++i) {
    const std::int64_t padded = shape[i + 1] + spatial[i].before + spatial[i].after;
    if (padded % spatial[i].block != 0 || padded > kMaxElements)
      return context.error("V5", "dimension {} with its padding is {}, block size {} does not fit",
                           i + 1, padded, spatial[i].block);
    shape[i + 1] = static_cast<std::int32_t>(padded / spatial[i].block);
  }
  const std::int64_t batch = shape[0] * block_count(spatial);
  if (batch > kMaxElements) return context.error("V4", "the batch would be {}", batch);
  shape[0] = static_cast<std::int32_t>(batch);
  return context.set_output_shape(0, shape);
}

Result<void> infer_to_space(const NodeContext& context) {
  PINFER_TRY(const auto spatial, read_spatial(context));
  Shape shape = context.input(0).shape;
  if (shape[0] % block_count(spatial) != 0)
    return context.error("V5", "batch {} does not divide by the {} blocks", shape[0],
                         block_count(spatial));
  shape[0] = static_cast<std::int32_t>(shape[0] / block_count(spatial));
  for (std::size_t i = 0; i < spatial.size(); ++i) {
    const std::int64_t extent =
        shape[i + 1] * spatial[i].block - spatial[i].before - spatial[i].after;
    if (extent < 0 || extent > kMaxElements)
      return context.error("V4", "dimension {} would be {}", i + 1, extent);
    shape[i + 1] = static_cast<std::int32_t>(extent);
  }
  return context.set_output_shape(0, shape);
}

struct Pair {
  View small, large;  // the same elements on both sides
};

// Image group `block` of the small side, and the pixels of the large side that it holds.
Pair pair_of(View small, View large, const std::vector<Spatial>& spatial, std::int64_t block) {
  const std::int64_t batch = large.dims[0].extent;
  small = narrowed(small, 0, block * batch, 1, batch);
  for (std::size_t i = spatial.size(); i-- > 0;) {
    const Spatial& s = spatial[i];
    const std::int64_t shift = block % s.block - s.before;  // large = small * block + shift
    block /= s.block;
    const int dim = static_cast<int>(i) + 1;
    const auto above = [&](std::int64_t v) { return v <= 0 ? 0 : (v + s.block - 1) / s.block; };
    const std::int64_t first = above(-shift);
    const std::int64_t end =
        std::min(above(large.dims[i + 1].extent - shift), small.dims[i + 1].extent);
    const std::int64_t count = std::max<std::int64_t>(end - first, 0);
    small = narrowed(small, dim, first, 1, count);
    large = narrowed(large, dim, first * s.block + shift, s.block, count);
  }
  return {small, large};
}

Result<std::unique_ptr<Step>> prepare_to_batch(const NodeContext& context) {
  PINFER_TRY(const auto spatial, read_spatial(context));
  const TensorInfo& out = context.output(0);
  Moves moves;
  std::vector<std::byte> zero(size_of(out.dtype));
  // Padding stands for 0: the zero point of quantized tensors.
  if (zero.size() == 1 && out.quant.quantized())
    zero[0] = static_cast<std::byte>(out.zero_point() & 0xff);
  moves.fill(context, context.output_id(0), zero);
  for (std::int64_t block = 0; block < block_count(spatial); ++block) {
    const auto [small, large] = pair_of(whole(context, context.output_id(0)),
                                        whole(context, context.input_id(0)), spatial, block);
    moves.copy(large, small);
  }
  return std::move(moves).step(context);
}

Result<std::unique_ptr<Step>> prepare_to_space(const NodeContext& context) {
  PINFER_TRY(const auto spatial, read_spatial(context));
  Moves moves;
  for (std::int64_t block = 0; block < block_count(spatial); ++block) {
    const auto [small, large] = pair_of(whole(context, context.input_id(0)),
                                        whole(context, context.output_id(0)), spatial, block);
    moves.copy(small, large);
  }
  return std::move(moves).step(context);
}

}  // namespace

extern const Operator space_to_batch_nd_operator;
const Operator space_to_batch_nd_operator{
    .name = "SPACE_TO_BATCH_ND", .infer = infer_to_batch, .prepare = prepare_to_batch};
extern const Operator batch_to_space_nd_operator;
const Operator batch_to_space_nd_operator{
    .name = "BATCH_TO_SPACE_ND", .infer = infer_to_space, .prepare = prepare_to_space};

}  // namespace pinfer
