// SPDX-License-Identifier: Apache-2.0
// fully_connected with the multiply-add of pairs of 16 bits (VPMADDWD), and in float with FMA.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/fully_connected/packed.h"

namespace pinfer {
namespace {

constexpr int kRows = 2;      // rows of activations taken together
constexpr int kChannels = 4;  // channels

inline __m256i load_wide(const int8_t* from) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)from));
}

// The four sums of the lanes of four registers.
inline __m128i lane_sums(const __m256i (&acc)[kChannels]) {
  const __m256i pairs =
      _mm256_hadd_epi32(_mm256_hadd_epi32(acc[0], acc[1]), _mm256_hadd_epi32(acc[2], acc[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

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

// Sums of four channels over the whole depth.
template <int rows>
inline void dot_channels(const RowsOf<rows>& x, const int8_t* weights, __m128i (&sums)[rows]) {
  __m256i acc[rows][kChannels];
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < kChannels; ++c) acc[r][c] = _mm256_setzero_si256();
  for (int64_t k = 0; k < x.depth; k += kFcDepth, weights += kFcTile / 2 * kFcDepth) {
    __m256i wide[rows];
    for (int r = 0; r < rows; ++r)
      wide[r] = load_wide(k + kFcDepth <= x.depth ? x.input + r * x.depth + k : x.tails[r]);
    for (int c = 0; c < kChannels; ++c) {
      const __m256i w = load_wide(weights + c * kFcDepth);
      for (int r = 0; r < rows; ++r)
        acc[r][c] = _mm256_add_epi32(acc[r][c], _mm256_madd_epi16(wide[r], w));
    }
  }
  for (int r = 0; r < rows; ++r) sums[r] = lane_sums(acc[r]);
}

// clamp(round(sum * scale), low, high), halves away from zero. The greatest double below 0.5 makes
// the sum of a value just below a half and it stay below one.
inline __m128i scaled(__m128i sum, const double* scale, __m256d low, __m256d high) {
  const __m256d exact = _mm256_mul_pd(_mm256_cvtepi32_pd(sum), _mm256_loadu_pd(scale));
  const __m256d inside = _mm256_min_pd(_mm256_max_pd(exact, low), high);
  const __m256d away = _mm256_or_pd(_mm256_and_pd(inside, _mm256_set1_pd(-0.0)),
                                    _mm256_set1_pd(0.49999999999999994));
  return _mm256_cvttpd_epi32(_mm256_add_pd(inside, away));
}

struct IntegerTask {
  static constexpr bool kHybrid = false;
  using Tile = FcIntegerTile;

  static void store(__m128i sum, const Tile& tile, int lane, const FullyConnectedArgs& args,
                    int64_t row, int32_t channel, int count, int32_t correction) {
    sum = _mm_add_epi32(sum, _mm_sub_epi32(_mm_loadu_si128((const __m128i*)(tile.base + lane)),
                                           _mm_set1_epi32(correction)));
    const __m128i value =
        scaled(sum, tile.scale + lane, _mm256_set1_pd(args.clamp.low - args.output_zero),
               _mm256_set1_pd(args.clamp.high - args.output_zero));
    const __m128i placed = _mm_add_epi32(value, _mm_set1_epi32(args.output_zero));
    const __m128i narrow = _mm_shuffle_epi8(placed, _mm_set1_epi32(0x0c080400));
    const int32_t four = _mm_cvtsi128_si32(narrow);
    memcpy((int8_t*)args.output + row * args.shape.channels + channel, &four, (size_t)count);
  }
};

struct HybridTask {
  static constexpr bool kHybrid = true;
  using Tile = FcHybridTile;

  static void store(__m128i sum, const Tile& tile, int lane, const FullyConnectedArgs& args,
                    int64_t row, int32_t channel, int count, int32_t) {
    sum = _mm_sub_epi32(sum,
                        _mm_mullo_epi32(_mm_loadu_si128((const __m128i*)(tile.weight_sum + lane)),
                                        _mm_set1_epi32(args.input_zeros[row])));
    const __m128 scale =
        _mm_mul_ps(_mm_loadu_ps(tile.scale + lane), _mm_set1_ps(args.input_scales[row]));
    const __m128 value = _mm_fmadd_ps(_mm_cvtepi32_ps(sum), scale, _mm_loadu_ps(tile.bias + lane));
    float four[4];
    _mm_storeu_ps(four, _mm_min_ps(_mm_max_ps(value, _mm_set1_ps(args.range.low)),
                                   _mm_set1_ps(args.range.high)));
    memcpy((float*)args.output + row * args.shape.channels + channel, four,
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
    const int lane = channel % kFcTile, half = channel / 8 * 8;
    __m128i sums[rows];
    dot_channels<rows>(x, weights + half * header.depth + lane % 8 * kFcDepth, sums);
    const int32_t left = block.channel_end - channel;
    for (int r = 0; r < rows; ++r)
      Task::store(sums[r], tiles[channel / kFcTile], lane, args, row + r, channel,
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
  __m256 even[channels], odd[channels];
  for (int c = 0; c < channels; ++c) even[c] = odd[c] = _mm256_setzero_ps();
  int64_t k = 0;
  for (; k + 16 <= depth; k += 16) {
    const __m256 x0 = _mm256_loadu_ps(x + k), x1 = _mm256_loadu_ps(x + k + 8);
    for (int c = 0; c < channels; ++c) {
      even[c] = _mm256_fmadd_ps(x0, _mm256_loadu_ps(w + c * depth + k), even[c]);
      odd[c] = _mm256_fmadd_ps(x1, _mm256_loadu_ps(w + c * depth + k + 8), odd[c]);
    }
  }
  for (int c = 0; c < channels; ++c) {
    const __m256 both = _mm256_add_ps(even[c], odd[c]);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    sums[c] = _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
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
  for (; channel + kChannels <= block.channel_end; channel += kChannels)
    float_channels<kChannels>(args, block, channel);
  for (; channel < block.channel_end; ++channel) float_channels<1>(args, block, channel);
}

}  // namespace

extern const FullyConnectedKernel fully_connected_s8_4c16__avx2, fully_connected_hybrid_4c16__avx2,
    fully_connected_f32__avx2;

const FullyConnectedKernel fully_connected_s8_4c16__avx2{
    "fully_connected_s8_4c16__avx2", isa::avx2, MacTypes::s8, nullptr, run<IntegerTask>,
    {fc_packed_bytes, fc_pack_rows}};
const FullyConnectedKernel fully_connected_hybrid_4c16__avx2{
    "fully_connected_hybrid_4c16__avx2",   isa::avx2, MacTypes::hybrid, nullptr, run<HybridTask>,
    {fc_packed_bytes, fc_pack_hybrid_rows}};
const FullyConnectedKernel fully_connected_f32__avx2{"fully_connected_f32__avx2", isa::avx2,
                                                     MacTypes::f32, nullptr, run_floats};

}  // namespace pinfer
