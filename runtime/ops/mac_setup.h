// SPDX-License-Identifier: Apache-2.0
// What the multiply-accumulate operators check and compute alike at set-up: element types,
// quantization, multipliers, bias, windows; and how they split work over threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/kernels/arithmetic.h"
#include "runtime/kernels/mac.h"
#include "runtime/ops/operator.h"

namespace pinfer {

// Which inputs of the node hold what.
struct MacOperands {
  int input = 0, filter = 1, bias = 2;
  int filter_axis = 0;  // the dimension of the filter that counts output channels
};

// The element types of the node, all of them checked (input, filter, bias, output 0).
Result<MacTypes> mac_types(const NodeContext& context, const MacOperands& operands);

constexpr bool is_integer(MacTypes types) noexcept {
  return types != MacTypes::f32 && types != MacTypes::hybrid;
}

// Quantization of all operands (rule V10). A filter with a zero point is only legal where
// `filter_zero` says so, and then per tensor.
Result<void> check_mac_quant(const NodeContext& context, const MacOperands& operands,
                             MacTypes types, bool filter_zero);

// The bias has `channels` entries (rule V8), and its quantization has no zero point (V10).
Result<void> check_bias(const NodeContext& context, const MacOperands& operands,
                        std::int32_t channels);

// The uint8 scheme needs a bias scale of about input scale * filter scale (rule V10).
Result<void> check_bias_scale(const NodeContext& context, const MacOperands& operands);

// input scale * filter scale / output scale as fixed-point multipliers, one per channel. An error
// (rule V10) when one cannot be represented.
Result<std::vector<Multiplier>> channel_multipliers(const NodeContext& context,
                                                    const MacOperands& operands, MacTypes types,
                                                    std::int32_t channels);

// One filter scale per channel.
std::vector<float> channel_scales(const TensorInfo& filter, std::int32_t channels);

// The integer range of a DType of 16 bits or fewer.
ClampRange type_range(DType type) noexcept;
// The clamp of `activation` on output 0; an error (rule V5) for curves such as tanh.
Result<ClampRange> integer_clamp(const NodeContext& context, Activation activation);
Result<void> expect_clamp(const NodeContext& context, Activation activation);

// One axis of a sliding window.
struct WindowAxis {
  std::int32_t in = 0, filter = 1, stride = 1, dilation = 1;
  std::int32_t extra_before = 0, extra_after = 0;  // explicit zeros in front of SAME or VALID
};
struct WindowPlace {
  std::int32_t out = 0, before = 0;  // size of the result, zeros before the first element
};
// Rules V4 and V5: everything at least 1, nothing overflows, the window fits.
Result<WindowPlace> place_window(const NodeContext& context, Padding padding,
                                 const WindowAxis& axis);

// Calls body(MacBlock) over rows x channels, in a few blocks a thread of at least about grain.macs
// each: less work wakes nobody. Over rows where there are enough for every thread; over channels
// where rows are few, or where the step prefers it and there are enough.
template <class Body>
void for_blocks(ThreadPool& pool, std::int64_t rows, std::int32_t channels, std::int64_t macs,
                const Body& body, MacGrain grain = {}, bool prefer_channels = false) noexcept {
  if (rows <= 0 || channels <= 0) return;
  constexpr std::int64_t kBlocksPerThread = 4;
  const std::int64_t threads = pool.threads();
  const std::int64_t pieces =
      std::clamp<std::int64_t>(macs / grain.macs, 1, threads * kBlocksPerThread);
  const std::int64_t row_units = (rows + grain.rows - 1) / grain.rows;
  const std::int64_t groups =
      (static_cast<std::int64_t>(channels) + grain.channels - 1) / grain.channels;
  const bool wide = prefer_channels && groups >= 2 * threads;
  if (row_units >= threads && !wide) {
    pool.parallel_for(
        row_units, (row_units + pieces - 1) / pieces, [&](std::int64_t begin, std::int64_t end) {
          body(MacBlock{begin * grain.rows, std::min(end * grain.rows, rows), 0, channels});
        });
    return;
  }
  pool.parallel_for(
      groups, (groups + pieces - 1) / pieces, [&](std::int64_t begin, std::int64_t end) {
        const auto first = static_cast<std::int32_t>(begin * grain.channels);
        const auto last =
            static_cast<std::int32_t>(std::min<std::int64_t>(end * grain.channels, channels));
        body(MacBlock{0, rows, first, last});
      });
}

}  // namespace pinfer
