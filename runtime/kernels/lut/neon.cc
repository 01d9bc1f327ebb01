// SPDX-License-Identifier: Apache-2.0
// NEON variants: tables of 256 bytes held in sixteen registers. 32-bit ARM looks bytes up one by
// one: it has too few registers.
#include <arm_neon.h>
#include <stdint.h>

#include "runtime/kernels/lut/lut.h"

namespace pinfer {
namespace {

#if defined(__aarch64__)

// Returns how many elements are done. An index outside a quarter leaves the result of the others.
int64_t look_up_vectors(const uint8_t* in, uint8_t* out, const uint8_t* entries, int64_t count) {
  const uint8x16x4_t first = vld1q_u8_x4(entries), second = vld1q_u8_x4(entries + 64);
  const uint8x16x4_t third = vld1q_u8_x4(entries + 128), fourth = vld1q_u8_x4(entries + 192);
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const uint8x16_t index = vld1q_u8(in + i);
    uint8x16_t result = vqtbl4q_u8(first, index);
    result = vqtbx4q_u8(result, second, vsubq_u8(index, vdupq_n_u8(64)));
    result = vqtbx4q_u8(result, third, vsubq_u8(index, vdupq_n_u8(128)));
    result = vqtbx4q_u8(result, fourth, vsubq_u8(index, vdupq_n_u8(192)));
    vst1q_u8(out + i, result);
  }
  return i;
}

#else

int64_t look_up_vectors(const uint8_t*, uint8_t*, const uint8_t*, int64_t) { return 0; }

#endif

}  // namespace

void lut_x8__neon(const LutArgs& args) noexcept {
  const auto* in = static_cast<const uint8_t*>(args.in) + args.begin;
  auto* out = static_cast<uint8_t*>(args.out) + args.begin;
  const auto* table = static_cast<const uint8_t*>(args.table);
  const int64_t count = args.end - args.begin;
  int64_t i = count < 32 ? 0 : look_up_vectors(in, out, table, count);
  for (; i < count; ++i) out[i] = table[in[i]];
}

}  // namespace pinfer
