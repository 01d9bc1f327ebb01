// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/lower_mac.h"

#include <cstring>

namespace pinfer::gles {

Result<void> expect_constants(const NodeContext& context) {
  for (const int i : {1, 2})
    if (context.has_input(i) && !context.input(i).is_constant)
      return because("its {} is computed at run time", i == 1 ? "filter" : "bias");
  return {};
}

Result<void> expect_room(const Lowering& lowering, double words) {
  constexpr double kMost = 1e15;  // within 64 bits
  if (words < kMost && lowering.constants.have_room(static_cast<std::int64_t>(words))) return {};
  return because("its weights need more memory than a GPU gives");
}

std::vector<Param> window_params(const NodeContext& context, const ConvShape& s) {
  return {{"in_at", 0, context.input_id(0)},
          {"out_at", 0, context.output_id(0)},
          {"in_height", s.in_height},
          {"in_width", s.in_width},
          {"in_channels", s.in_channels},
          {"out_height", s.out_height},
          {"out_width", s.out_width},
          {"out_channels", s.out_channels},
          {"filter_height", s.filter_height},
          {"filter_width", s.filter_width},
          {"stride_h", s.stride_h},
          {"stride_w", s.stride_w},
          {"dilation_h", s.dilation_h},
          {"dilation_w", s.dilation_w},
          {"pad_top", s.pad_top},
          {"pad_left", s.pad_left}};
}

bool is_pointwise(const ConvShape& s) {
  return s.filter_height == 1 && s.filter_width == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         std::int64_t{s.out_height - 1} * s.stride_h < s.in_height &&
         std::int64_t{s.out_width - 1} * s.stride_w < s.in_width;
}

void add_quantization(Dispatch& dispatch, const MacQuantization& q) {
  for (const Param& param :
       {Param{"in_zero", q.input_zero}, Param{"filter_zero", q.filter_zero},
        Param{"out_zero", q.output_zero}, Param{"low", q.clamp.low}, Param{"high", q.clamp.high}})
    dispatch.params.push_back(param);
}

std::vector<std::uint32_t> pack_bias(const NodeContext& context, std::int32_t channels) {
  std::vector<std::uint32_t> words((static_cast<std::size_t>(channels) + 3) / 4 * 4, 0);
  const std::span<const std::byte> bias = context.value(2);
  if (!bias.empty()) std::memcpy(words.data(), bias.data(), bias.size());
  return words;
}

std::vector<std::uint32_t> pack_lanes(const NodeContext& context,
                                      std::span<const Multiplier> multipliers) {
  const auto bias = pack_bias(context, static_cast<std::int32_t>(multipliers.size()));
  std::vector<std::uint32_t> words(bias.size() * 3, 0);
  for (std::size_t i = 0; i < multipliers.size(); ++i) {
    const std::size_t at = i / 4 * 12 + i % 4;
    words[at] = bias[i];
    words[at + 4] = static_cast<std::uint32_t>(multipliers[i].mantissa);
    words[at + 8] = static_cast<std::uint32_t>(multipliers[i].shift);
  }
  return words;
}

}  // namespace pinfer::gles
