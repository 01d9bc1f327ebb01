// SPDX-License-Identifier: Apache-2.0
// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR.
#include "runtime/kernels/resize/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/ops/move.h"

namespace pinfer {
namespace {

// Beyond this the 1/1024 arithmetic of the reference would not fit 32 bits.
constexpr std::int32_t kMaxSide = 1 << 20;

template <ResizeKind kKind>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 2, 2));
  PINFER_CHECK(context.expect_rank(0, 4, 4));
  if (kKind == ResizeKind::bilinear)
    PINFER_CHECK(context.expect_type(0, {DType::f32, DType::u8, DType::i8, DType::i16}));
  const auto params = context.params<ResizeParams>();
  if (params.align_corners && params.half_pixel_centers)
    return context.error("V5", "align_corners and half_pixel_centers exclude each other");
  PINFER_TRY(const auto size, context.index_values(1, 2));
  if (size.size() != 2) return context.error("V8", "the size has {} entries", size.size());
  const Shape& in = context.input(0).shape;
  for (int i = 0; i < 2; ++i) {
    const std::int64_t want = size[static_cast<std::size_t>(i)];
    const std::int32_t have = in[static_cast<std::size_t>(i) + 1];
    if (want < 1 || want > kMaxSide || have < 1 || have > kMaxSide)
      return context.error("V5", "{} cannot be resized to {} by {}", to_string(in), size[0],
                           size[1]);
  }
  return context.set_output_shape(0, Shape{in[0], static_cast<std::int32_t>(size[0]),
                                           static_cast<std::int32_t>(size[1]), in[3]});
}

std::int32_t nearest_index(std::int32_t i, std::int32_t in, std::int32_t out,
                           const ResizeParams& params) {
  const float scale = params.align_corners && out > 1
                          ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                          : static_cast<float>(in) / static_cast<float>(out);
  const float at = (static_cast<float>(i) + (params.half_pixel_centers ? 0.5f : 0.0f)) * scale;
  const float index = params.align_corners ? std::round(at) : std::floor(at);
  return std::clamp(static_cast<std::int32_t>(index), 0, in - 1);
}

ResizeTap float_tap(std::int32_t i, std::int32_t in, std::int32_t out, const ResizeParams& params) {
  const float scale = params.align_corners && out > 1
                          ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                          : static_cast<float>(in) / static_cast<float>(out);
  const float at = params.half_pixel_centers ? (static_cast<float>(i) + 0.5f) * scale - 0.5f
                                             : static_cast<float>(i) * scale;
  ResizeTap tap;
  tap.low = std::clamp(static_cast<std::int32_t>(std::floor(at)), 0, in - 1);
  tap.high = std::clamp(static_cast<std::int32_t>(std::ceil(at)), 0, in - 1);
  tap.weight = at - static_cast<float>(tap.low);
  return tap;
}

ResizeTap integer_tap(std::int64_t i, std::int32_t in, std::int32_t out,
                      const ResizeParams& params) {
  const bool corners = params.align_corners && out > 1;
  const std::int64_t span_in = corners ? in - 1 : in, span_out = corners ? out - 1 : out;
  const std::int64_t scale = (1024 * span_in + span_out / 2) / span_out;
  const std::int64_t at = i * scale + (params.half_pixel_centers ? scale / 2 - 512 : 0);
  ResizeTap tap;
  // The rounded scale can lead past the last pixel; the reference reads behind the image then.
  tap.low = static_cast<std::int32_t>(std::clamp<std::int64_t>(at / 1024, 0, in - 1));
  tap.high = static_cast<std::int32_t>(std::clamp<std::int64_t>((at + 1023) / 1024, 0, in - 1));
  tap.weight_1024 = tap.low == tap.high ? 0 : static_cast<std::int32_t>(at - 1024 * tap.low);
  return tap;
}

struct Resize {
  const ResizeKernel* kernel = nullptr;
  TensorId in = kNoTensor, out = kNoTensor;
  std::vector<ResizeTap> rows, columns;
  ResizeArgs args;
  std::int64_t images = 0;

  Status operator()(const RunContext& run) const noexcept {
    // About 4096 output elements are worth a hand-over.
    const std::int64_t row = std::max<std::int64_t>(1, args.out_width * args.channels);
    run.pool->parallel_for(images * args.out_height, std::max<std::int64_t>(1, 4096 / row),
                           [&](std::int64_t begin, std::int64_t end) {
                             ResizeArgs part = args;
                             part.in = run.data<std::byte>(in);
                             part.out = run.data<std::byte>(out);
                             part.rows = rows.data();
                             part.columns = columns.data();
                             part.begin = begin;
                             part.end = end;
                             kernel->run(part);
                           });
    return Status::ok;
  }
};

template <ResizeKind kKind>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const auto params = context.params<ResizeParams>();
  const TensorInfo& in = context.input(0);
  const Shape& out = context.output(0).shape;
  const bool nearest = kKind == ResizeKind::nearest;
  Resize step{.kernel = select_resize(context.isa(), kKind, nearest ? DType::u8 : in.dtype),
              .in = context.input_id(0),
              .out = context.output_id(0),
              .rows = {},
              .columns = {},
              .args = {},
              .images = in.shape[0]};
  const bool integer = in.dtype == DType::i8 || in.dtype == DType::i16;
  const auto taps = [&](std::size_t dim) {
    std::vector<ResizeTap> result;
    for (std::int32_t i = 0; i < out[dim]; ++i) {
      if (nearest) {
        const std::int32_t index = nearest_index(i, in.shape[dim], out[dim], params);
        result.push_back({.low = index, .high = index});
      } else {
        result.push_back(integer ? integer_tap(i, in.shape[dim], out[dim], params)
                                 : float_tap(i, in.shape[dim], out[dim], params));
      }
    }
    return result;
  };
  step.rows = taps(1);
  step.columns = taps(2);
  step.args.in_height = in.shape[1];
  step.args.in_width = in.shape[2];
  step.args.out_height = out[1];
  step.args.out_width = out[2];
  step.args.channels =
      nearest ? out[3] * static_cast<std::int64_t>(size_of(in.dtype)) : std::int64_t{out[3]};
  const std::string_view name = step.kernel->name;
  ResizeArgs shown = step.args;
  shown.rows = step.rows.data();
  shown.columns = step.columns.data();
  return make_open_step({.kernel = name}, shown, std::move(step));
}

}  // namespace

extern const Operator resize_bilinear_operator;
const Operator resize_bilinear_operator{.name = "RESIZE_BILINEAR",
                                        .infer = infer<ResizeKind::bilinear>,
                                        .prepare = prepare<ResizeKind::bilinear>};
extern const Operator resize_nearest_neighbor_operator;
const Operator resize_nearest_neighbor_operator{.name = "RESIZE_NEAREST_NEIGHBOR",
                                                .infer = infer<ResizeKind::nearest>,
                                                .prepare = prepare<ResizeKind::nearest>};

}  // namespace pinfer
