// SPDX-License-Identifier: Apache-2.0
// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on floats.
#include <cstring>

#include "runtime/backends/gles/lower_mac.h"
#include "runtime/kernels/fully_connected/fully_connected.h"

namespace pinfer::gles {
namespace {

std::uint32_t word_at(std::span<const std::byte> data, std::int64_t index) {
  std::uint32_t word = 0;
  std::memcpy(&word, data.data() + index * 4, sizeof word);
  return word;
}

double dense_words(const ConvShape& s) {
  return (s.out_channels / 4 + 1) * (4.0 * s.filter_height * s.filter_width * s.in_channels + 4);
}

// Four output channels of one tap and input channel side by side.
std::vector<std::uint32_t> pack_dense(const ConvShape& s, std::span<const std::byte> filter) {
  const std::int64_t each = std::int64_t{s.filter_height} * s.filter_width * s.in_channels;
  const std::int64_t groups = (std::int64_t{s.out_channels} + 3) / 4;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(groups * each * 4), 0);
  for (std::int64_t o = 0; o < s.out_channels; ++o)
    for (std::int64_t i = 0; i < each; ++i)
      words[static_cast<std::size_t>((o / 4 * each + i) * 4 + o % 4)] =
          word_at(filter, o * each + i);
  return words;
}

std::vector<std::uint32_t> pack_depthwise(const ConvShape& s, std::span<const std::byte> filter) {
  const std::int64_t taps = std::int64_t{s.filter_height} * s.filter_width;
  const std::int64_t channels = s.out_channels, groups = (channels + 3) / 4;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(groups * taps * 4), 0);
  for (std::int64_t t = 0; t < taps; ++t)
    for (std::int64_t c = 0; c < channels; ++c)
      words[static_cast<std::size_t>((c / 4 * taps + t) * 4 + c % 4)] =
          word_at(filter, t * channels + c);
  return words;
}

void add_dispatch(const Lowering& lowering, Dispatch dispatch,
                  std::span<const std::uint32_t> filter, const FloatRange& range) {
  const auto channels = lowering.context.output(0).shape;
  const std::int32_t last = channels[channels.size() - 1];
  const auto bias = pack_bias(lowering.context, last);
  dispatch.params.push_back({"weights_at", lowering.constants.append4(filter) / 4});
  dispatch.params.push_back({"lanes_at", lowering.constants.append4(bias) / 4});
  dispatch.params.push_back({"low", float_bits(range.low)});
  dispatch.params.push_back({"high", float_bits(range.high)});
  lowering.dispatches.push_back(std::move(dispatch));
}

Dispatch dense(const Lowering& lowering, const ConvShape& s, std::int64_t pixels) {
  constexpr std::int64_t kWorthTiles = 16384;  // threads that keep a small GPU busy
  const std::int64_t groups = (std::int64_t{s.out_channels} + 3) / 4;
  const std::int64_t tile = pixels * groups / 4 >= kWorthTiles ? 4 : 1;
  Dispatch dispatch{.shader = "mac_f32",
                    .kernel = "mac_f32__gles",
                    .choices = fmt::format("#define TILE {}\n{}", tile,
                                           is_pointwise(s) ? "#define POINTWISE\n" : ""),
                    .params = window_params(lowering.context, s),
                    .threads = (pixels + tile - 1) / tile * groups};
  dispatch.params.push_back({"pixels", pixels});
  return dispatch;
}

bool is_float(const NodeContext& context) {
  return context.input(0).dtype == DType::f32 && context.input(1).dtype == DType::f32;
}

}  // namespace

Result<bool> lower_conv_f32(const Lowering& lowering);
Result<bool> lower_conv_f32(const Lowering& lowering) {
  const auto* step = dynamic_cast<const MacStep<ConvArgs, ConvKernel>*>(&lowering.step);
  if (step == nullptr || !is_float(lowering.context)) return false;
  PINFER_CHECK(expect_constants(lowering.context));
  const ConvArgs& args = step->conv().args;
  const ConvShape& s = args.shape;
  if (s.groups != 1) return because("its channels are in groups");
  add_dispatch(lowering, dense(lowering, s, std::int64_t{s.batches} * s.out_height * s.out_width),
               pack_dense(s, lowering.context.value(1)), args.range);
  return true;
}

Result<bool> lower_fully_connected_f32(const Lowering& lowering);
Result<bool> lower_fully_connected_f32(const Lowering& lowering) {
  const auto* args = args_of<FullyConnectedArgs>(lowering.step);
  if (args == nullptr || !is_float(lowering.context)) return false;
  PINFER_CHECK(expect_constants(lowering.context));
  ConvShape s;
  s.in_width = s.out_width = static_cast<std::int32_t>(args->shape.rows);
  s.in_channels = args->shape.depth;
  s.out_channels = args->shape.channels;
  PINFER_CHECK(expect_room(lowering, dense_words(s)));
  add_dispatch(lowering, dense(lowering, s, args->shape.rows),
               pack_dense(s, lowering.context.value(1)), args->range);
  return true;
}

Result<bool> lower_depthwise_f32(const Lowering& lowering);
Result<bool> lower_depthwise_f32(const Lowering& lowering) {
  const auto* step = dynamic_cast<const MacStep<DepthwiseArgs, DepthwiseKernel>*>(&lowering.step);
  if (step == nullptr || !is_float(lowering.context)) return false;
  PINFER_CHECK(expect_constants(lowering.context));
  const DepthwiseArgs& args = step->conv().args;
  const ConvShape& s = args.shape;
  PINFER_CHECK(expect_room(
      lowering, (s.out_channels / 4 + 1) * (4.0 * s.filter_height * s.filter_width + 4)));
  const std::int64_t pixels = std::int64_t{s.batches} * s.out_height * s.out_width;
  Dispatch dispatch{.shader = "depthwise_f32",
                    .kernel = "depthwise_f32__gles",
                    .choices = {},
                    .params = window_params(lowering.context, s),
                    .threads = pixels * ((std::int64_t{s.out_channels} + 3) / 4)};
  dispatch.params.push_back({"pixels", pixels});
  add_dispatch(lowering, std::move(dispatch), pack_depthwise(s, lowering.context.value(1)),
               args.range);
  return true;
}

}  // namespace pinfer::gles
