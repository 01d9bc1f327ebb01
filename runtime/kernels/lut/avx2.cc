// SPDX-License-Identifier: Apache-2.0
// AVX2 variants: a table of 256 bytes as sixteen shuffles of 32 bytes.
#include <immintrin.h>
#include <stdint.h>

#include "runtime/kernels/lut/lut.h"

namespace pinfer {
namespace {

constexpr int kStep = 32;

struct Table {
  __m256i part[16];  // 16 entries each, twice
  explicit Table(const uint8_t* entries) {
    for (int i = 0; i < 16; ++i)
      part[i] = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(entries + 16 * i)));
  }
};

// A shuffle gives 0 where the high bit of its index is set. Adding 112 with saturation sets it for
// all but the indices 0..15, which keep their low four bits; xor with 16 * i brings part i there.
__m256i look_up(const Table& table, __m256i index) {
  __m256i result = _mm256_setzero_si256();
  for (int i = 0; i < 16; ++i) {
    const __m256i moved = _mm256_xor_si256(index, _mm256_set1_epi8(static_cast<char>(16 * i)));
    const __m256i chosen = _mm256_adds_epu8(moved, _mm256_set1_epi8(112));
    result = _mm256_or_si256(result, _mm256_shuffle_epi8(table.part[i], chosen));
  }
  return result;
}

}  // namespace

void lut_x8__avx2(const LutArgs& args) noexcept {
  const auto* in = static_cast<const uint8_t*>(args.in) + args.begin;
  auto* out = static_cast<uint8_t*>(args.out) + args.begin;
  const auto* entries = static_cast<const uint8_t*>(args.table);
  const int64_t count = args.end - args.begin;
  int64_t i = 0;
  if (count >= 4 * kStep) {
    const Table table(entries);
    for (; i + kStep <= count; i += kStep) {
      const __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), look_up(table, index));
    }
  }
  for (; i < count; ++i) out[i] = entries[in[i]];
}

}  // namespace pinfer
