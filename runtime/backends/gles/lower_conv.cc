// SPDX-License-Identifier: Apache-2.0
// CONV_2D and FULLY_CONNECTED on 8-bit integers: shaders/mac.comp.
#include <cmath>
#include <limits>

#include "runtime/backends/gles/lower_mac.h"
#include "runtime/kernels/fully_connected/fully_connected.h"

namespace pinfer::gles {
namespace {

// What both operators are to the shader; a row of activations is a pixel of one column.
struct Mac {
  ConvShape shape;
  std::int32_t input_zero = 0, filter_zero = 0, output_zero = 0;
  ClampRange clamp;
  std::int64_t pixels = 0;
};

constexpr std::int64_t kWorthTiles = 16384;  // threads that keep a small GPU busy

// What pack_filter and pack_lanes will need.
double packed_words(const ConvShape& s) {
  const double groups = s.out_channels / 4 + 1, depth = s.in_channels / 4 * 4 + 4;
  return groups * (1.0 * s.filter_height * s.filter_width * depth + 16);
}

// Four output channels of one input channel a word; missing channels weigh nothing.
std::vector<std::uint32_t> pack_filter(const Mac& mac, std::span<const std::byte> filter) {
  const ConvShape& s = mac.shape;
  const std::int64_t taps = std::int64_t{s.filter_height} * s.filter_width;
  const std::int64_t depth = s.in_channels, padded = (depth + 3) / 4 * 4;
  const std::int64_t groups = (std::int64_t{s.out_channels} + 3) / 4;
  const auto zero = static_cast<std::uint8_t>(mac.filter_zero);
  std::vector<std::uint32_t> words(static_cast<std::size_t>(groups * taps * padded),
                                   zero * 0x01010101u);
  for (std::int64_t o = 0; o < s.out_channels; ++o)
    for (std::int64_t t = 0; t < taps; ++t)
      for (std::int64_t c = 0; c < depth; ++c) {
        std::uint32_t& word = words[static_cast<std::size_t>((o / 4 * taps + t) * padded + c)];
        const auto byte = filter[static_cast<std::size_t>((o * taps + t) * depth + c)];
        put_byte(word, o % 4, static_cast<std::uint8_t>(byte));
      }
  return words;
}

Dispatch mac_dispatch(const Lowering& lowering, const Mac& mac) {
  const ConvShape& s = mac.shape;
  const DType type = lowering.context.input(0).dtype;
  const std::int64_t groups = (std::int64_t{s.out_channels} + 3) / 4;
  const std::int64_t tile = mac.pixels * groups / 4 >= kWorthTiles ? 4 : 1;
  Dispatch dispatch{.shader = "mac",
                    .kernel = type == DType::u8 ? "mac_u8__gles" : "mac_s8__gles",
                    .choices = fmt::format("#define TILE {}\n{}{}{}{}", tile, sign_choice(type),
                                           s.in_channels % 4 == 0 ? "#define IN_WORDS\n" : "",
                                           s.out_channels % 4 == 0 ? "#define OUT_WORDS\n" : "",
                                           is_pointwise(s) ? "#define POINTWISE\n" : ""),
                    .params = window_params(lowering.context, s),
                    .threads = (mac.pixels + tile - 1) / tile * groups};
  add_quantization(dispatch, {mac.input_zero, mac.filter_zero, mac.output_zero, mac.clamp});
  dispatch.params.push_back({"pixels", mac.pixels});
  return dispatch;
}

// Index of the uvec4 that begins with the first of `words`.
std::int64_t append_vectors(Constants& constants, std::span<const std::uint32_t> words) {
  return constants.append4(words) / 4;
}

// Result of the judge (fully_connected/scalar.cc) for one sum.
std::int32_t requantized(std::int64_t sum, double scale, const FullyConnectedArgs& args) {
  const double value = std::round(static_cast<double>(sum) * scale) + args.output_zero;
  return static_cast<std::int32_t>(
      std::min<double>(std::max<double>(value, args.clamp.low), args.clamp.high));
}

// The largest sum whose result is below `wanted`; the highest number when all are.
std::int32_t last_below(std::int32_t wanted, double scale, const FullyConnectedArgs& args) {
  constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min(),
                         kHigh = std::numeric_limits<std::int32_t>::max();
  const double guess = scale > 0 ? (wanted - args.output_zero - 0.5) / scale : 0.0;
  auto sum = static_cast<std::int64_t>(std::min<double>(
      std::max<double>(guess, static_cast<double>(kLow)), static_cast<double>(kHigh)));
  while (sum < kHigh && requantized(sum + 1, scale, args) < wanted) ++sum;
  while (sum > kLow && requantized(sum, scale, args) >= wanted) --sum;
  return static_cast<std::int32_t>(sum);
}

// 255 sums after which the result is one more, and the result of the lowest sum.
void append_thresholds(std::vector<std::uint32_t>& words, double scale,
                       const FullyConnectedArgs& args) {
  const std::int32_t base = requantized(std::numeric_limits<std::int32_t>::min(), scale, args);
  const std::int32_t top = requantized(std::numeric_limits<std::int32_t>::max(), scale, args);
  for (std::int32_t k = 1; k <= 255; ++k) {
    const bool reached = base + k <= top;
    words.push_back(static_cast<std::uint32_t>(reached ? last_below(base + k, scale, args)
                                                       : std::numeric_limits<std::int32_t>::max()));
  }
  words.push_back(static_cast<std::uint32_t>(base));
}

}  // namespace

Result<bool> lower_conv(const Lowering& lowering);
Result<bool> lower_conv(const Lowering& lowering) {
  const auto* step = dynamic_cast<const MacStep<ConvArgs, ConvKernel>*>(&lowering.step);
  if (step == nullptr) return false;
  const NodeContext& context = lowering.context;
  const ConvStep<ConvArgs, ConvKernel>& conv = step->conv();
  if (!is_byte(context.input(0).dtype)) return false;
  PINFER_CHECK(expect_constants(context));
  if (conv.args.shape.groups != 1) return because("its channels are in groups");
  const ConvShape& s = conv.args.shape;
  const Mac mac{s,
                conv.args.input_zero,
                conv.args.filter_zero,
                conv.args.output_zero,
                conv.args.clamp,
                std::int64_t{s.batches} * s.out_height * s.out_width};
  PINFER_CHECK(expect_room(lowering, packed_words(s)));
  Dispatch dispatch = mac_dispatch(lowering, mac);
  const auto filter = pack_filter(mac, context.value(1));
  const auto lanes = pack_lanes(context, conv.multipliers);
  dispatch.params.push_back({"weights_at", append_vectors(lowering.constants, filter)});
  dispatch.params.push_back({"lanes_at", append_vectors(lowering.constants, lanes)});
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

Result<bool> lower_fully_connected(const Lowering& lowering);
Result<bool> lower_fully_connected(const Lowering& lowering) {
  const auto* args = args_of<FullyConnectedArgs>(lowering.step);
  const NodeContext& context = lowering.context;
  if (args == nullptr || !is_byte(context.input(0).dtype)) return false;
  PINFER_CHECK(expect_constants(context));
  const auto rows = static_cast<std::int32_t>(args->shape.rows);
  Mac mac{{}, args->input_zero, args->filter_zero, args->output_zero, args->clamp, rows};
  mac.shape.in_width = mac.shape.out_width = rows;
  mac.shape.in_channels = args->shape.depth;
  mac.shape.out_channels = args->shape.channels;
  PINFER_CHECK(expect_room(lowering, packed_words(mac.shape) + 256.0 * mac.shape.out_channels));
  Dispatch dispatch = mac_dispatch(lowering, mac);
  dispatch.choices += "#define THRESHOLDS\n";
  const auto filter = pack_filter(mac, context.value(1));
  std::vector<std::uint32_t> thresholds;
  for (std::int32_t o = 0; o < args->shape.channels; ++o)
    append_thresholds(thresholds, args->scales[o], *args);
  dispatch.params.push_back({"weights_at", append_vectors(lowering.constants, filter)});
  dispatch.params.push_back(
      {"lanes_at", append_vectors(lowering.constants, pack_bias(context, args->shape.channels))});
  dispatch.params.push_back({"thresholds_at", lowering.constants.append(thresholds)});
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

}  // namespace pinfer::gles
