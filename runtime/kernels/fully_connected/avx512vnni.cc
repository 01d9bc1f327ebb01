// SPDX-License-Identifier: Apache-2.0
// fully_connected with the dot product of four bytes (VPDPBUSD).
//
// The instruction multiplies unsigned by signed bytes: activations come with 128 added (their top
// bit flipped), which the packed constants take back.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/fully_connected/packed.h"

namespace pinfer {
namespace {

constexpr int kRows = 4;   // rows of activations taken together
constexpr int kTiles = 4;  // tiles of channels

// The last depth % 16 activations of each row, followed by anything: their weights are zero.
struct Tails {
  int8_t values[kRows][kFcDepth];
};

template <int rows>
inline Tails tails_of(const int8_t* input, int64_t depth) {
  Tails tails = {};
  const int64_t left = depth % kFcDepth;
  for (int row = 0; row < rows; ++row)
    memcpy(tails.values[row], input + (row + 1) * depth - left, (size_t)left);
  return tails;
}

// Adds the products of four activations of each row and all tiles.
template <int rows, int tiles>
inline void dot_quad(const int8_t* x, int64_t x_stride, const int8_t* weights, int64_t tile_bytes,
                     __m512i (&acc)[rows][tiles]) {
  __m512i w[tiles];
  for (int tile = 0; tile < tiles; ++tile) w[tile] = _mm512_load_si512(weights + tile * tile_bytes);
  for (int row = 0; row < rows; ++row) {
    int32_t four;
    memcpy(&four, x + row * x_stride, 4);
    const __m512i moved = _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi32(-0x7f7f7f80));
    for (int tile = 0; tile < tiles; ++tile)
      acc[row][tile] = _mm512_dpbusd_epi32(acc[row][tile], moved, w[tile]);
  }
}

// sums += x * w, over the whole depth; one row takes two sets of sums, as each answers late.
template <int rows, int tiles>
inline void dot_tiles(const int8_t* input, int64_t depth, const int8_t* weights, int64_t tile_bytes,
                      const Tails& tails, __m512i (&sums)[rows][tiles]) {
  __m512i odd[rows][tiles];
  for (int row = 0; row < rows; ++row)
    for (int tile = 0; tile < tiles; ++tile) odd[row][tile] = _mm512_setzero_si512();
  int64_t k = 0;
  for (; k + kFcDepth <= depth; k += kFcDepth) {
    for (int quad = 0; quad < 4; ++quad, weights += 64)
      dot_quad<rows, tiles>(input + k + quad * 4, depth, weights, tile_bytes,
                            rows == 1 && quad % 2 != 0 ? odd : sums);
  }
  for (int64_t done = 0; done < depth - k; done += 4, weights += 64)
    dot_quad<rows, tiles>(tails.values[0] + done, kFcDepth, weights, tile_bytes, sums);
  if (rows == 1)
    for (int tile = 0; tile < tiles; ++tile)
      sums[0][tile] = _mm512_add_epi32(sums[0][tile], odd[0][tile]);
}

// clamp(round(sum * scale), low, high), halves away from zero. The greatest double below 0.5 makes
// the sum of a value just below a half and it stay below one.
inline __m256i scaled(__m256i sum, const double* scale, __m512d low, __m512d high) {
  const __m512d exact = _mm512_mul_pd(_mm512_cvtepi32_pd(sum), _mm512_loadu_pd(scale));
  const __m512d inside = _mm512_min_pd(_mm512_max_pd(exact, low), high);
  const __m512i half = _mm512_castpd_si512(_mm512_set1_pd(0.49999999999999994));
  const __m512i sign = _mm512_set1_epi64((long long)0x8000000000000000ull);
  const __m512i away = _mm512_ternarylogic_epi64(_mm512_castpd_si512(inside), sign, half, 0xea);
  return _mm512_cvttpd_epi32(_mm512_add_pd(inside, _mm512_castsi512_pd(away)));
}

inline __mmask16 first_lanes(int32_t count) {
  return count >= kFcTile ? (__mmask16)0xffff : (__mmask16)((1u << count) - 1);
}

struct IntegerTask {
  static constexpr bool kHybrid = false;
  using Tile = FcIntegerTile;

  static __m512i begin(const FullyConnectedArgs&, const Tile& tile, int64_t, int32_t correction) {
    return _mm512_sub_epi32(_mm512_loadu_si512(tile.base), _mm512_set1_epi32(correction));
  }
  static void store(__m512i sum, const Tile& tile, const FullyConnectedArgs& args, int64_t row,
                    int32_t first, int32_t count) {
    const __m512d low = _mm512_set1_pd(args.clamp.low - args.output_zero);
    const __m512d high = _mm512_set1_pd(args.clamp.high - args.output_zero);
    const __m256i left = scaled(_mm512_castsi512_si256(sum), tile.scale, low, high);
    const __m256i right = scaled(_mm512_extracti64x4_epi64(sum, 1), tile.scale + 8, low, high);
    const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(left), right, 1);
    _mm512_mask_cvtepi32_storeu_epi8((int8_t*)args.output + row * args.shape.channels + first,
                                     first_lanes(count),
                                     _mm512_add_epi32(both, _mm512_set1_epi32(args.output_zero)));
  }
};

struct HybridTask {
  static constexpr bool kHybrid = true;
  using Tile = FcHybridTile;

  static __m512i begin(const FullyConnectedArgs& args, const Tile& tile, int64_t row, int32_t) {
    return _mm512_mullo_epi32(_mm512_loadu_si512(tile.weight_sum),
                              _mm512_set1_epi32(-128 - args.input_zeros[row]));
  }
  static void store(__m512i sum, const Tile& tile, const FullyConnectedArgs& args, int64_t row,
                    int32_t first, int32_t count) {
    const __m512 scale =
        _mm512_mul_ps(_mm512_loadu_ps(tile.scale), _mm512_set1_ps(args.input_scales[row]));
    const __m512 value =
        _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, _mm512_loadu_ps(tile.bias));
    _mm512_mask_storeu_ps((float*)args.output + row * args.shape.channels + first,
                          first_lanes(count),
                          _mm512_min_ps(_mm512_max_ps(value, _mm512_set1_ps(args.range.low)),
                                        _mm512_set1_ps(args.range.high)));
  }
};

// Some rows of activations and what belongs to them.
template <int rows>
struct RowsOf {
  const int8_t* input;
  Tails tails;
  int32_t correction[rows];

  RowsOf(const FullyConnectedArgs& args, int64_t row, bool hybrid) {
    const int64_t depth = args.shape.depth;
    input = (const int8_t*)args.input + row * depth;
    tails = tails_of<rows>(input, depth);
    for (int r = 0; r < rows; ++r) {
      uint32_t sum = 0;
      if (!hybrid && args.filter_zero != 0)
        for (int64_t k = 0; k < depth; ++k) sum += (uint32_t)input[r * depth + k];
      correction[r] = (int32_t)(sum * (uint32_t)args.filter_zero);
    }
  }
};

template <class Task, int rows, int tiles>
inline void compute(const FullyConnectedArgs& args, const RowsOf<rows>& x, int64_t row,
                    int32_t first, int32_t end) {
  const FcHeader& header = *(const FcHeader*)args.packed;
  const int8_t* weights = (const int8_t*)(args.packed + sizeof(FcHeader));
  const auto* constants = (const typename Task::Tile*)(args.packed + header.tiles_offset);
  constants += first / kFcTile;
  __m512i sums[rows][tiles];
  for (int r = 0; r < rows; ++r)
    for (int tile = 0; tile < tiles; ++tile)
      sums[r][tile] = Task::begin(args, constants[tile], row + r, x.correction[r]);
  dot_tiles<rows, tiles>(x.input, args.shape.depth, weights + first * header.depth,
                         kFcTile * header.depth, x.tails, sums);
  for (int r = 0; r < rows; ++r)
    for (int tile = 0; tile < tiles; ++tile)
      Task::store(sums[r][tile], constants[tile], args, row + r, first + tile * kFcTile,
                  end - first - tile * kFcTile);
}

template <class Task, int rows>
inline void run_rows(const FullyConnectedArgs& args, const MacBlock& block, int64_t row) {
  const RowsOf<rows> x(args, row, Task::kHybrid);
  int32_t first = block.channel_begin;
  const int32_t end = block.channel_end;
  for (; first + (kTiles - 1) * kFcTile < end; first += kTiles * kFcTile)
    compute<Task, rows, kTiles>(args, x, row, first, end);
  for (; first < end; first += kFcTile) compute<Task, rows, 1>(args, x, row, first, end);
}

template <class Task>
void run(const FullyConnectedArgs& args, const MacBlock& block) noexcept {
  int64_t row = block.row_begin;
  for (; row + kRows <= block.row_end; row += kRows) run_rows<Task, kRows>(args, block, row);
  for (; row < block.row_end; ++row) run_rows<Task, 1>(args, block, row);
}

}  // namespace

extern const FullyConnectedKernel fully_connected_s8_16c4__avx512vnni,
    fully_connected_hybrid_16c4__avx512vnni;

const FullyConnectedKernel fully_connected_s8_16c4__avx512vnni{
    "fully_connected_s8_16c4__avx512vnni",
    isa::avx512vnni,
    MacTypes::s8,
    nullptr,
    run<IntegerTask>,
    {fc_packed_bytes, fc_pack_quads_offset}};
const FullyConnectedKernel fully_connected_hybrid_16c4__avx512vnni{
    "fully_connected_hybrid_16c4__avx512vnni",
    isa::avx512vnni,
    MacTypes::hybrid,
    nullptr,
    run<HybridTask>,
    {fc_packed_bytes, fc_pack_hybrid_quads}};

}  // namespace pinfer
