// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on 8-bit integers: shaders/depthwise.comp.
#include "runtime/backends/gles/lower_mac.h"

namespace pinfer::gles {
namespace {

// Four channels of one tap a word.
std::vector<std::uint32_t> pack_filter(const DepthwiseArgs& args,
                                       std::span<const std::byte> filter) {
  const ConvShape& s = args.shape;
  const std::int64_t taps = std::int64_t{s.filter_height} * s.filter_width;
  const std::int64_t channels = s.out_channels, groups = (channels + 3) / 4;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(groups * taps), 0);
  for (std::int64_t t = 0; t < taps; ++t)
    for (std::int64_t c = 0; c < channels; ++c)
      put_byte(words[static_cast<std::size_t>(c / 4 * taps + t)], c % 4,
               static_cast<std::uint8_t>(filter[static_cast<std::size_t>(t * channels + c)]));
  return words;
}

}  // namespace

Result<bool> lower_depthwise(const Lowering& lowering);
Result<bool> lower_depthwise(const Lowering& lowering) {
  const auto* step = dynamic_cast<const MacStep<DepthwiseArgs, DepthwiseKernel>*>(&lowering.step);
  if (step == nullptr) return false;
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  if (!is_byte(type)) return false;
  PINFER_CHECK(expect_constants(context));
  const DepthwiseArgs& args = step->conv().args;
  const ConvShape& s = args.shape;
  PINFER_CHECK(expect_room(
      lowering, (s.out_channels / 4 + 1) * (1.0 * s.filter_height * s.filter_width + 16)));
  const std::int64_t pixels = std::int64_t{s.batches} * s.out_height * s.out_width;
  Dispatch dispatch{.shader = "depthwise",
                    .kernel = type == DType::u8 ? "depthwise_u8__gles" : "depthwise_s8__gles",
                    .choices = std::string(sign_choice(type)),
                    .params = window_params(context, s),
                    .threads = pixels * ((std::int64_t{s.out_channels} + 3) / 4)};
  if (s.out_channels % 4 == 0) dispatch.choices += "#define WORDS\n";
  if (s.out_channels != s.in_channels) dispatch.choices += "#define MULTIPLIED\n";
  add_quantization(dispatch, {args.input_zero, args.filter_zero, args.output_zero, args.clamp});
  dispatch.params.push_back({"pixels", pixels});
  const auto filter = pack_filter(args, context.value(1));
  const auto lanes = pack_lanes(context, step->conv().multipliers);
  dispatch.params.push_back({"weights_at", lowering.constants.append(filter)});
  dispatch.params.push_back({"lanes_at", lowering.constants.append4(lanes) / 4});
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

}  // namespace pinfer::gles
