// SPDX-License-Identifier: Apache-2.0
// NEON variants: tables of 256 bytes held in sixteen registers. 32-bit ARM looks bytes up one by
// one: it has too few registers.
#include <arm_neon.h>
#include <stdint.h>

#include "runtime/kernels/lut/lut.h"

namespace pinfer {
namespace {

#if defined(__aarch64__)

struct Table {
  uint8x16x4_t quarter[4];
};

// An index outside a quarter leaves the result of the others.
uint8x16_t look_up(const Table& table, uint8x16_t index) {
  const uint8x16_t step = vdupq_n_u8(64);
  uint8x16_t result = vqtbl4q_u8(table.quarter[0], index);
  index = vsubq_u8(index, step);
  result = vqtbx4q_u8(result, table.quarter[1], index);
  index = vsubq_u8(index, step);
  result = vqtbx4q_u8(result, table.quarter[2], index);
  index = vsubq_u8(index, step);
  return vqtbx4q_u8(result, table.quarter[3], index);
}

// Returns how many elements are done.
int64_t look_up_vectors(const uint8_t* in, uint8_t* out, const uint8_t* entries, int64_t count) {
  Table table;
  for (int i = 0; i < 4; ++i) table.quarter[i] = vld1q_u8_x4(entries + 64 * i);
  int64_t i = 0;
  for (; i + 32 <= count; i += 32) {
    const uint8x16_t first = vld1q_u8(in + i), second = vld1q_u8(in + i + 16);
    vst1q_u8(out + i, look_up(table, first));
    vst1q_u8(out + i + 16, look_up(table, second));
  }
  for (; i + 16 <= count; i += 16) vst1q_u8(out + i, look_up(table, vld1q_u8(in + i)));
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
