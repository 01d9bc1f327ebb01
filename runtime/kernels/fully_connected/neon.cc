// SPDX-License-Identifier: Apache-2.0
// fully_connected without dot products: pairs of products in 16 bits, added up in 32; and in float.
#include <arm_neon.h>
#include <string.h>

#include "runtime/kernels/fully_connected/packed.h"

namespace pinfer {
namespace {

constexpr int kRows = 2;                // rows of activations taken together
constexpr int kChannels = kFcTile / 2;  // channels

#if defined(__aarch64__)
inline int16x8_t mul_high(int8x16_t a, int8x16_t b) { return vmull_high_s8(a, b); }
inline int16x8_t mul_add_high(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_high_s8(sum, a, b);
}
inline int32x4_t pair_sums(int32x4_t a, int32x4_t b) { return vpaddq_s32(a, b); }
inline float32x4_t mul_add(float32x4_t sum, float32x4_t a, float32x4_t b) {
  return vfmaq_f32(sum, a, b);
}
#else
inline int16x8_t mul_high(int8x16_t a, int8x16_t b) {
  return vmull_s8(vget_high_s8(a), vget_high_s8(b));
}
inline int16x8_t mul_add_high(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_s8(sum, vget_high_s8(a), vget_high_s8(b));
}
inline int32x4_t pair_sums(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}
inline float32x4_t mul_add(float32x4_t sum, float32x4_t a, float32x4_t b) {
  return vmlaq_f32(sum, a, b);
}
#endif

// round(sum * scale) within [low, high], halves away from zero.
#if defined(__aarch64__)
inline int32x4_t scaled(int32x4_t sum, const double* scale, int32_t low, int32_t high) {
  const float64x2_t left = vmulq_f64(vcvtq_f64_s64(vmovl_s32(vget_low_s32(sum))), vld1q_f64(scale));
  const float64x2_t right = vmulq_f64(vcvtq_f64_s64(vmovl_high_s32(sum)), vld1q_f64(scale + 2));
  const int32x4_t value = vqmovn_high_s64(vqmovn_s64(vcvtaq_s64_f64(left)), vcvtaq_s64_f64(right));
  return vminq_s32(vmaxq_s32(value, vdupq_n_s32(low)), vdupq_n_s32(high));
}
#else
// No vectors of doubles. The greatest double below 0.5 makes the sum of a value just below a half
// and it stay below one.
inline int32x4_t scaled(int32x4_t sum, const double* scale, int32_t low, int32_t high) {
  int32_t values[4];
  vst1q_s32(values, sum);
  for (int i = 0; i < 4; ++i) {
    double value = (double)values[i] * scale[i];
    value = value < low ? low : value > high ? high : value;
    values[i] = (int32_t)(value + (value < 0 ? -0.49999999999999994 : 0.49999999999999994));
  }
  return vld1q_s32(values);
}
#endif

// Some rows of activations and what belongs to them.
template <int rows>
struct RowsOf {
  const int8_t* input;
  int64_t depth;
  int8_t tails[rows][kFcDepth] = {};  // the last depth % 16, then zeros
  int32_t correction[rows];

  RowsOf(const FullyConnectedArgs& args, int64_t row, bool hybrid) {
    depth = args.shape.depth;
    input = (const int8_t*)args.input + row * depth;
    const int64_t left = depth % kFcDepth;
    for (int r = 0; r < rows; ++r) {
      memcpy(tails[r], input + (r + 1) * depth - left, (size_t)left);
      uint32_t sum = 0;
      if (!hybrid && args.filter_zero != 0)
        for (int64_t k = 0; k < depth; ++k) sum += (uint32_t)input[r * depth + k];
      correction[r] = (int32_t)(sum * (uint32_t)args.filter_zero);
    }
  }
};

// Adds 16 products of each row and channel. Two products fit 16 bits unless both are (-128)^2,
// which `extreme` weights can make.
template <int rows, bool extreme>
inline void dot_step(const int8x16_t (&x)[rows], const int8_t* weights,
                     int32x4_t (&acc)[rows][kChannels]) {
  for (int c = 0; c < kChannels; ++c) {
    const int8x16_t w = vld1q_s8(weights + c * kFcDepth);
    for (int r = 0; r < rows; ++r) {
      int16x8_t pairs = vmull_s8(vget_low_s8(w), vget_low_s8(x[r]));
      if (extreme) {
        acc[r][c] = vpadalq_s16(acc[r][c], pairs);
        pairs = mul_high(w, x[r]);
      } else {
        pairs = mul_add_high(pairs, w, x[r]);
      }
      acc[r][c] = vpadalq_s16(acc[r][c], pairs);
    }
  }
}

// Sums of eight channels over the whole depth.
template <int rows, bool extreme>
inline void dot_channels(const RowsOf<rows>& x, const int8_t* weights, int32x4_t (&sums)[rows][2]) {
  int32x4_t acc[rows][kChannels];
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < kChannels; ++c) acc[r][c] = vdupq_n_s32(0);
  int8x16_t values[rows];
  int64_t k = 0;
  for (; k + kFcDepth <= x.depth; k += kFcDepth, weights += kChannels * kFcDepth) {
    for (int r = 0; r < rows; ++r) values[r] = vld1q_s8(x.input + r * x.depth + k);
    dot_step<rows, extreme>(values, weights, acc);
  }
  if (k < x.depth) {
    for (int r = 0; r < rows; ++r) values[r] = vld1q_s8(x.tails[r]);
    dot_step<rows, extreme>(values, weights, acc);
  }
  for (int r = 0; r < rows; ++r)
    for (int i = 0; i < 2; ++i) {
      const int32x4_t* of = acc[r] + i * 4;
      sums[r][i] = pair_sums(pair_sums(of[0], of[1]), pair_sums(of[2], of[3]));
    }
}

struct IntegerTask {
  static constexpr bool kHybrid = false;
  using Tile = FcIntegerTile;

  static void store(const int32x4_t (&sums)[2], const Tile& tile, int lane,
                    const FullyConnectedArgs& args, int64_t row, int32_t channel, int count,
                    int32_t correction) {
    int16x4_t value[2];
    for (int i = 0; i < 2; ++i) {
      const int from = lane + i * 4;
      const int32x4_t base = vsubq_s32(vld1q_s32(tile.base + from), vdupq_n_s32(correction));
      const int32x4_t inside =
          scaled(vaddq_s32(sums[i], base), tile.scale + from, args.clamp.low - args.output_zero,
                 args.clamp.high - args.output_zero);
      value[i] = vmovn_s32(vaddq_s32(inside, vdupq_n_s32(args.output_zero)));
    }
    const int8x8_t result = vmovn_s16(vcombine_s16(value[0], value[1]));
    int8_t* output = (int8_t*)args.output + row * args.shape.channels + channel;
    if (count == kChannels) return vst1_s8(output, result);
    int8_t all[kChannels];
    vst1_s8(all, result);
    memcpy(output, all, (size_t)count);
  }
};

struct HybridTask {
  static constexpr bool kHybrid = true;
  using Tile = FcHybridTile;

  static void store(const int32x4_t (&sums)[2], const Tile& tile, int lane,
                    const FullyConnectedArgs& args, int64_t row, int32_t channel, int count,
                    int32_t) {
    float all[kChannels];
    for (int i = 0; i < 2; ++i) {
      const int from = lane + i * 4;
      const int32x4_t sum =
          vmlsq_n_s32(sums[i], vld1q_s32(tile.weight_sum + from), args.input_zeros[row]);
      const float32x4_t scale = vmulq_n_f32(vld1q_f32(tile.scale + from), args.input_scales[row]);
      const float32x4_t value = mul_add(vld1q_f32(tile.bias + from), vcvtq_f32_s32(sum), scale);
      vst1q_f32(all + i * 4, vminq_f32(vmaxq_f32(value, vdupq_n_f32(args.range.low)),
                                       vdupq_n_f32(args.range.high)));
    }
    memcpy((float*)args.output + row * args.shape.channels + channel, all,
           (size_t)count * sizeof(float));
  }
};

template <class Task, int rows>
inline void run_rows(const FullyConnectedArgs& args, const MacBlock& block, int64_t row) {
  const RowsOf<rows> x(args, row, Task::kHybrid);
  const FcHeader& header = *(const FcHeader*)args.packed;
  const int8_t* weights = (const int8_t*)(args.packed + sizeof(FcHeader));
  const auto* tiles = (const typename Task::Tile*)(args.packed + header.tiles_offset);
  for (int32_t channel = block.channel_begin; channel < block.channel_end; channel += kChannels) {
    const auto& tile = tiles[channel / kFcTile];
    int32x4_t sums[rows][2];
    if (tile.extreme != 0)
      dot_channels<rows, true>(x, weights + channel * header.depth, sums);
    else
      dot_channels<rows, false>(x, weights + channel * header.depth, sums);
    const int32_t left = block.channel_end - channel;
    for (int r = 0; r < rows; ++r)
      Task::store(sums[r], tile, channel % kFcTile, args, row + r, channel,
                  left < kChannels ? left : kChannels, x.correction[r]);
  }
}

template <class Task>
void run(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  int64_t row = block.row_begin;
  for (; row + kRows <= block.row_end; row += kRows) run_rows<Task, kRows>(args, block, row);
  for (; row < block.row_end; ++row) run_rows<Task, 1>(args, block, row);
}

// One float result for each of some channels, from weights in the order of the file.
template <int channels>
inline void dot_floats(const float* x, const float* w, int64_t depth, float (&sums)[channels]) {
  float32x4_t even[channels], odd[channels];
  for (int c = 0; c < channels; ++c) even[c] = odd[c] = vdupq_n_f32(0.0f);
  int64_t k = 0;
  for (; k + 8 <= depth; k += 8) {
    const float32x4_t x0 = vld1q_f32(x + k), x1 = vld1q_f32(x + k + 4);
    for (int c = 0; c < channels; ++c) {
      even[c] = mul_add(even[c], x0, vld1q_f32(w + c * depth + k));
      odd[c] = mul_add(odd[c], x1, vld1q_f32(w + c * depth + k + 4));
    }
  }
  for (int c = 0; c < channels; ++c) {
    const float32x4_t four = vaddq_f32(even[c], odd[c]);
    const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    sums[c] = vget_lane_f32(vpadd_f32(two, two), 0);
    for (int64_t i = k; i < depth; ++i) sums[c] += x[i] * w[c * depth + i];
  }
}

template <int channels>
inline void float_channels(const FullyConnectedArgs& args, const MacBlock& block, int32_t first) {
  const int64_t depth = args.shape.depth;
  const float* bias = (const float*)args.bias;
  for (int64_t row = block.row_begin; row < block.row_end; ++row) {
    float sums[channels];
    dot_floats<channels>((const float*)args.input + row * depth,
                         (const float*)args.filter + first * depth, depth, sums);
    float* output = (float*)args.output + row * args.shape.channels + first;
    for (int c = 0; c < channels; ++c) {
      const float value = sums[c] + (bias != nullptr ? bias[first + c] : 0.0f);
      const float above = value < args.range.low ? args.range.low : value;
      output[c] = above > args.range.high ? args.range.high : above;
    }
  }
}

void run_floats(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  int32_t channel = block.channel_begin;
  for (; channel + 4 <= block.channel_end; channel += 4) float_channels<4>(args, block, channel);
  for (; channel < block.channel_end; ++channel) float_channels<1>(args, block, channel);
}

}  // namespace

extern const FullyConnectedKernel fully_connected_s8_8c16__neon, fully_connected_hybrid_8c16__neon,
    fully_connected_f32__neon;

const FullyConnectedKernel fully_connected_s8_8c16__neon{
    "fully_connected_s8_8c16__neon", isa::neon, MacTypes::s8, nullptr, run<IntegerTask>,
    {fc_packed_bytes, fc_pack_rows}};
const FullyConnectedKernel fully_connected_hybrid_8c16__neon{
    "fully_connected_hybrid_8c16__neon",   isa::neon, MacTypes::hybrid, nullptr, run<HybridTask>,
    {fc_packed_bytes, fc_pack_hybrid_rows}};
const FullyConnectedKernel fully_connected_f32__neon{"fully_connected_f32__neon", isa::neon,
                                                     MacTypes::f32, nullptr, run_floats};

}  // namespace pinfer
