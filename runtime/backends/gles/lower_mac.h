// SPDX-License-Identifier: Apache-2.0
// What the lowerings of everything that multiplies and accumulates share.
#pragma once

#include <array>

#include "runtime/backends/gles/lowering.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer::gles {

// The filter and the bias are known at load.
Result<void> expect_constants(const NodeContext& context);

// Packed weights and tables of `words` words have room among the constants.
Result<void> expect_room(const Lowering& lowering, double words);

// Addresses, sizes, strides and padding, as the blocks of mac.comp and depthwise.comp name them.
std::vector<Param> window_params(const NodeContext& context, const ConvShape& shape);

// One tap, which is always inside: zeros may also have been added behind the picture.
bool is_pointwise(const ConvShape& shape);

struct MacQuantization {
  std::int32_t input_zero = 0, filter_zero = 0, output_zero = 0;
  ClampRange clamp;
};
void add_quantization(Dispatch& dispatch, const MacQuantization& quantization);

// Lowest byte first.
inline void put_byte(std::uint32_t& word, std::int64_t index, std::uint8_t byte) noexcept {
  const auto shift = static_cast<unsigned>(index * 8);
  word = (word & ~(0xffu << shift)) | (static_cast<std::uint32_t>(byte) << shift);
}

// Biases (0 where there are none), filled up to a multiple of four channels.
std::vector<std::uint32_t> pack_bias(const NodeContext& context, std::int32_t channels);
// For each four channels: biases, mantissas, shifts.
std::vector<std::uint32_t> pack_lanes(const NodeContext& context,
                                      std::span<const Multiplier> multipliers);

}  // namespace pinfer::gles
