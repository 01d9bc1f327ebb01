// SPDX-License-Identifier: Apache-2.0
// Pools, MEAN and the two resizes.
#include <algorithm>

#include "runtime/backends/armnn/description.h"
#include "runtime/kernels/pool/pool.h"

namespace pinfer::nn {
namespace {

Result<void> describe_pool(const Describing& node, std::string name) {
  const NodeContext& context = node.context;
  PINFER_CHECK(expect_same_quant(context.input(0), context.output(0)));
  PINFER_TRY(const auto step, find_operator(context.node().op)->prepare(context));
  const PoolArgs* args = args_of<PoolArgs>(*step);
  if (args == nullptr) return because("its window is not known");
  const PoolShape& s = args->shape;
  const auto after = [](std::int32_t in, std::int32_t out, std::int32_t filter, std::int32_t stride,
                        std::int32_t before) {
    const std::int64_t end = std::int64_t{out - 1} * stride + filter - before;
    return static_cast<std::int32_t>(std::max<std::int64_t>(end - in, 0));
  };
  PINFER_TRY(const std::int32_t input, node.input(0));
  Layer layer{.layer = std::move(name), .inputs = {input}};
  layer.values.window = {.height = s.filter_h,
                         .width = s.filter_w,
                         .stride_h = s.stride_h,
                         .stride_w = s.stride_w,
                         .top = s.pad_top,
                         .bottom = after(s.in_h, s.out_h, s.filter_h, s.stride_h, s.pad_top),
                         .left = s.pad_left,
                         .right = after(s.in_w, s.out_w, s.filter_w, s.stride_w, s.pad_left)};
  return node.add(std::move(layer), context.params<PoolParams>().activation);
}

Result<void> describe_resize(const Describing& node, std::string name) {
  const auto params = node.context.params<ResizeParams>();
  PINFER_CHECK(expect_same_quant(node.context.input(0), node.context.output(0)));
  PINFER_TRY(const std::int32_t input, node.input(0));
  Layer layer{.layer = std::move(name), .inputs = {input}};
  const Shape& out = node.context.output(0).shape;
  layer.numbers = {out[1], out[2]};
  layer.values.align_corners = params.align_corners ? 1 : 0;
  layer.values.half_pixel_centers = params.half_pixel_centers ? 1 : 0;
  return node.add(std::move(layer));
}

}  // namespace

Result<void> describe_average_pool(const Describing& node);
Result<void> describe_average_pool(const Describing& node) {
  return describe_pool(node, "average_pool_2d");
}

Result<void> describe_max_pool(const Describing& node);
Result<void> describe_max_pool(const Describing& node) {
  return describe_pool(node, "max_pool_2d");
}

Result<void> describe_mean(const Describing& node);
Result<void> describe_mean(const Describing& node) {
  const NodeContext& context = node.context;
  const auto rank = static_cast<int>(context.input(0).shape.size());
  PINFER_TRY(const auto axes, context.index_values(1));
  PINFER_TRY(const std::int32_t input, node.input(0));
  Layer layer{.layer = "mean", .inputs = {input}};
  for (const std::int64_t value : axes) {
    PINFER_TRY(const int axis, context.normalise_axis(value, rank));
    layer.numbers.push_back(axis);
  }
  std::sort(layer.numbers.begin(), layer.numbers.end());
  layer.numbers.erase(std::unique(layer.numbers.begin(), layer.numbers.end()), layer.numbers.end());
  if (layer.numbers.empty()) return because("it reduces no dimension");  // all of them to Arm NN
  layer.values.keep_dims = context.params<ReduceParams>().keep_dims ? 1 : 0;
  return node.add(std::move(layer));
}

Result<void> describe_resize_bilinear(const Describing& node);
Result<void> describe_resize_bilinear(const Describing& node) {
  // The reference places int8 pixels in steps of 1/1024, Arm NN in floats: far from the left edge
  // of a large picture they see other pixels.
  if (node.context.input(0).dtype == DType::i8)
    return because("int8 pictures are blended in fixed point, which Arm NN does not");
  return describe_resize(node, "resize_bilinear");
}

Result<void> describe_resize_nearest(const Describing& node);
Result<void> describe_resize_nearest(const Describing& node) {
  return describe_resize(node, "resize_nearest");
}

}  // namespace pinfer::nn
