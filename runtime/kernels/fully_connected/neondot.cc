// SPDX-License-Identifier: Apache-2.0
// fully_connected with the dot product of four bytes (SDOT).
#include <arm_neon.h>
#include <string.h>

#include "runtime/kernels/fully_connected/packed.h"

namespace pinfer {
namespace {

constexpr int kRows = 4;  // rows of activations taken together

// The last depth % 16 activations of each row, followed by anything: their weights are zero.
struct Tails {
  int8_t values[kRows][kFcDepth];
};

template <int rows>
inline void dot_tile(const int8_t* input, int64_t depth, const int8_t* weights, const Tails& tails,
                     int32x4_t (&sums)[rows][4]) {
  // One row alone takes two sets of sums: SDOT answers after four cycles.
  constexpr int sets = rows == 1 ? 2 : 1;
  int32x4_t acc[rows][sets][4];
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < 4; ++c) {
      acc[row][0][c] = sums[row][c];
      if (sets == 2) acc[row][sets - 1][c] = vdupq_n_s32(0);
    }
  const auto step = [&](const int8x16_t(&x)[rows]) {
#define PINFER_QUAD(lane)                                                        \
  do {                                                                           \
    const int8x16x4_t w = vld1q_s8_x4(weights + (lane)*64);                      \
    for (int row = 0; row < rows; ++row)                                         \
      for (int c = 0; c < 4; ++c)                                                \
        acc[row][(lane) % sets][c] =                                             \
            vdotq_laneq_s32(acc[row][(lane) % sets][c], w.val[c], x[row], lane); \
  } while (false)
    PINFER_QUAD(0);
    PINFER_QUAD(1);
    PINFER_QUAD(2);
    PINFER_QUAD(3);
#undef PINFER_QUAD
    weights += 4 * 64;
  };
  int8x16_t x[rows];
  for (int64_t k = 0; k + kFcDepth <= depth; k += kFcDepth) {
    for (int row = 0; row < rows; ++row) x[row] = vld1q_s8(input + row * depth + k);
    step(x);
  }
  if (depth % kFcDepth != 0) {
    for (int row = 0; row < rows; ++row) x[row] = vld1q_s8(tails.values[row]);
    step(x);
  }
  for (int row = 0; row < rows; ++row)
    for (int c = 0; c < 4; ++c)
      sums[row][c] = sets == 2 ? vaddq_s32(acc[row][0][c], acc[row][sets - 1][c]) : acc[row][0][c];
}

template <int rows>
inline Tails tails_of(const int8_t* input, int64_t depth) {
  Tails tails = {};
  const int64_t left = depth % kFcDepth;
  for (int row = 0; row < rows; ++row)
    memcpy(tails.values[row], input + (row + 1) * depth - left, (size_t)left);
  return tails;
}

inline int32_t sum_of(const int8_t* values, int64_t count) {
  int32x4_t sums = vdupq_n_s32(0);
  int64_t k = 0;
  for (; k + 16 <= count; k += 16) sums = vdotq_s32(sums, vld1q_s8(values + k), vdupq_n_s8(1));
  int32_t sum = vaddvq_s32(sums);
  for (; k < count; ++k) sum += values[k];
  return sum;
}

// round(sum * scale), halves away from zero, saturated to 32 bits.
inline int32x4_t scaled(int32x4_t sum, const double* scale) {
  const float64x2_t low = vmulq_f64(vcvtq_f64_s64(vmovl_s32(vget_low_s32(sum))), vld1q_f64(scale));
  const float64x2_t high = vmulq_f64(vcvtq_f64_s64(vmovl_high_s32(sum)), vld1q_f64(scale + 2));
  return vqmovn_high_s64(vqmovn_s64(vcvtaq_s64_f64(low)), vcvtaq_s64_f64(high));
}

inline void store_integers(const int32x4_t (&sums)[4], const FcIntegerTile& tile,
                           const FullyConnectedArgs& args, int8_t* output, int count) {
  const int32x4_t zero = vdupq_n_s32(args.output_zero);
  int32x4_t value[4];
  for (int c = 0; c < 4; ++c) value[c] = vqaddq_s32(scaled(sums[c], tile.scale + c * 4), zero);
  const int8x16_t narrow =
      vqmovn_high_s16(vqmovn_s16(vqmovn_high_s32(vqmovn_s32(value[0]), value[1])),
                      vqmovn_high_s32(vqmovn_s32(value[2]), value[3]));
  const int8x16_t result = vminq_s8(vmaxq_s8(narrow, vdupq_n_s8((int8_t)args.clamp.low)),
                                    vdupq_n_s8((int8_t)args.clamp.high));
  if (count == kFcTile) return vst1q_s8(output, result);
  int8_t all[kFcTile];
  vst1q_s8(all, result);
  memcpy(output, all, (size_t)count);
}

template <int rows>
inline void integer_rows(const FullyConnectedArgs& args, const MacBlock& block, int64_t row) {
  const int64_t depth = args.shape.depth;
  const int8_t* input = (const int8_t*)args.input + row * depth;
  const FcHeader& header = *(const FcHeader*)args.packed;
  const int8_t* weights = (const int8_t*)(args.packed + sizeof(FcHeader));
  const FcIntegerTile* tiles = (const FcIntegerTile*)(args.packed + header.tiles_offset);
  int8_t* output = (int8_t*)args.output + row * args.shape.channels;
  const Tails tails = tails_of<rows>(input, depth);
  int32_t correction[rows] = {};
  if (args.filter_zero != 0)
    for (int r = 0; r < rows; ++r)
      correction[r] =
          (int32_t)((uint32_t)args.filter_zero * (uint32_t)sum_of(input + r * depth, depth));
  for (int32_t first = block.channel_begin; first < block.channel_end; first += kFcTile) {
    const FcIntegerTile& tile = tiles[first / kFcTile];
    int32x4_t sums[rows][4];
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < 4; ++c)
        sums[r][c] = vsubq_s32(vld1q_s32(tile.base + c * 4), vdupq_n_s32(correction[r]));
    dot_tile<rows>(input, depth, weights + first * header.depth, tails, sums);
    const int32_t left = block.channel_end - first;
    for (int r = 0; r < rows; ++r)
      store_integers(sums[r], tile, args, output + r * args.shape.channels + first,
                     left < kFcTile ? left : kFcTile);
  }
}

void run_integers(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  int64_t row = block.row_begin;
  for (; row + kRows <= block.row_end; row += kRows) integer_rows<kRows>(args, block, row);
  for (; row < block.row_end; ++row) integer_rows<1>(args, block, row);
}

inline void store_hybrid(const int32x4_t (&sums)[4], const FcHybridTile& tile,
                         const FullyConnectedArgs& args, int64_t row, int32_t first, int count) {
  float all[kFcTile];
  for (int c = 0; c < 4; ++c) {
    const float32x4_t scale = vmulq_n_f32(vld1q_f32(tile.scale + c * 4), args.input_scales[row]);
    const float32x4_t value =
        vfmaq_f32(vld1q_f32(tile.bias + c * 4), vcvtq_f32_s32(sums[c]), scale);
    vst1q_f32(all + c * 4, vminq_f32(vmaxq_f32(value, vdupq_n_f32(args.range.low)),
                                     vdupq_n_f32(args.range.high)));
  }
  memcpy((float*)args.output + row * args.shape.channels + first, all,
         (size_t)count * sizeof(float));
}

template <int rows>
inline void hybrid_rows(const FullyConnectedArgs& args, const MacBlock& block, int64_t row) {
  const int64_t depth = args.shape.depth;
  const int8_t* input = (const int8_t*)args.input + row * depth;
  const FcHeader& header = *(const FcHeader*)args.packed;
  const int8_t* weights = (const int8_t*)(args.packed + sizeof(FcHeader));
  const FcHybridTile* tiles = (const FcHybridTile*)(args.packed + header.tiles_offset);
  const Tails tails = tails_of<rows>(input, depth);
  for (int32_t first = block.channel_begin; first < block.channel_end; first += kFcTile) {
    const FcHybridTile& tile = tiles[first / kFcTile];
    int32x4_t sums[rows][4];
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < 4; ++c)
        sums[r][c] = vmulq_n_s32(vld1q_s32(tile.weight_sum + c * 4), -args.input_zeros[row + r]);
    dot_tile<rows>(input, depth, weights + first * header.depth, tails, sums);
    const int32_t left = block.channel_end - first;
    for (int r = 0; r < rows; ++r)
      store_hybrid(sums[r], tile, args, row + r, first, left < kFcTile ? left : kFcTile);
  }
}

void run_hybrid(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  int64_t row = block.row_begin;
  for (; row + kRows <= block.row_end; row += kRows) hybrid_rows<kRows>(args, block, row);
  for (; row < block.row_end; ++row) hybrid_rows<1>(args, block, row);
}

}  // namespace

extern const FullyConnectedKernel fully_connected_s8_16c4__neondot,
    fully_connected_hybrid_16c4__neondot;

const FullyConnectedKernel fully_connected_s8_16c4__neondot{
    "fully_connected_s8_16c4__neondot", isa::neondot, MacTypes::s8, nullptr, run_integers,
    {fc_packed_bytes, fc_pack_quads}};
const FullyConnectedKernel fully_connected_hybrid_16c4__neondot{
    "fully_connected_hybrid_16c4__neondot", isa::neondot, MacTypes::hybrid, nullptr, run_hybrid,
    {fc_packed_bytes, fc_pack_hybrid_quads}};

}  // namespace pinfer
