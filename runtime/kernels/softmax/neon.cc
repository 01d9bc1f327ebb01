// SPDX-License-Identifier: Apache-2.0
// NEON variants of the 8-bit softmax: exponentials come from the table, the rest is done 16 at a
// time.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/softmax/softmax.h"

namespace pinfer {
namespace {

constexpr int kStep = 16;

// uint8 as it is, int8 with its sign bit turned over: the same order, and differences stay.
template <bool is_signed>
struct Row {
  const uint8_t* x;
  int64_t depth;
  static constexpr uint8_t kFlip = is_signed ? 0x80 : 0;

  uint32_t at(int64_t c) const { return x[c] ^ kFlip; }

  uint32_t largest() const {
    uint8x16_t most = vdupq_n_u8(0);
    const uint8x16_t flip = vdupq_n_u8(kFlip);
    int64_t c = 0;
    for (; c + kStep <= depth; c += kStep) most = vmaxq_u8(most, veorq_u8(vld1q_u8(x + c), flip));
    uint8_t lanes[kStep];
    vst1q_u8(lanes, most);
    uint32_t result = 0;
    for (int i = 0; i < kStep; ++i) result = lanes[i] > result ? lanes[i] : result;
    for (; c < depth; ++c) result = at(c) > result ? at(c) : result;
    return result;
  }
};

// Sixteen exponentials times the reciprocal, as numbers from 0 up to 255 (65535 for int16).
struct Sixteen {
  int32x4_t part[4];
};

Sixteen outputs(const int32_t* exps, int32x4_t mantissa, int32x4_t right) {
  Sixteen result;
  for (int i = 0; i < 4; ++i)
    result.part[i] = vrshlq_s32(vqrdmulhq_s32(vld1q_s32(exps + 4 * i), mantissa), right);
  return result;
}

template <bool is_signed>
uint8x16_t bytes_of(const Sixteen& x) {
  const uint16x8_t low = vcombine_u16(vqmovun_s32(x.part[0]), vqmovun_s32(x.part[1]));
  const uint16x8_t high = vcombine_u16(vqmovun_s32(x.part[2]), vqmovun_s32(x.part[3]));
  const uint8x16_t bytes = vcombine_u8(vqmovn_u16(low), vqmovn_u16(high));
  return is_signed ? veorq_u8(bytes, vdupq_n_u8(0x80)) : bytes;
}

void store_words(uint16_t* to, const Sixteen& x) {
  const uint16x8_t sign = vdupq_n_u16(0x8000);
  vst1q_u16(to, veorq_u16(vcombine_u16(vqmovun_s32(x.part[0]), vqmovun_s32(x.part[1])), sign));
  vst1q_u16(to + 8, veorq_u16(vcombine_u16(vqmovun_s32(x.part[2]), vqmovun_s32(x.part[3])), sign));
}

// The outputs of up to 16 elements.
template <bool is_signed, bool to_words>
void write(void* out, int64_t at, int64_t count, const Sixteen& values) {
  if constexpr (to_words) {
    uint16_t words[kStep];
    store_words(words, values);
    memcpy(static_cast<uint16_t*>(out) + at, words, static_cast<size_t>(count) * 2);
  } else {
    uint8_t bytes[kStep];
    vst1q_u8(bytes, bytes_of<is_signed>(values));
    memcpy(static_cast<uint8_t*>(out) + at, bytes, static_cast<size_t>(count));
  }
}

template <bool is_signed, bool to_words>
void softmax_row(const SoftmaxArgs& args, int64_t row_index) {
  const Row<is_signed> row = {static_cast<const uint8_t*>(args.in) + row_index * args.depth,
                              args.depth};
  const uint32_t to_table = 255 - row.largest();
  const int32_t* exp = args.exps + to_table;
  const int32_t* share = exp + 256;
  int64_t sum = 0;
  for (int64_t c = 0; c < args.depth; ++c) sum += share[row.at(c)];
  const SoftmaxInverse inverse = softmax_inverse(sum);
  const int right = inverse.bits_over_unit + 31 - (to_words ? 16 : 8);
  // Shifts of 32 and more leave nothing of a positive number.
  const int32x4_t shift = vdupq_n_s32(-(right < 32 ? right : 32));
  const int32x4_t mantissa = vdupq_n_s32(inverse.mantissa);
  const int64_t first = row_index * args.depth;
  int32_t exps[kStep] = {};
  for (int64_t c = 0; c < args.depth; c += kStep) {
    if (args.depth - c >= kStep) {
      for (int i = 0; i < kStep; ++i) exps[i] = exp[row.at(c + i)];
      write<is_signed, to_words>(args.out, first + c, kStep, outputs(exps, mantissa, shift));
    } else {
      const int64_t rest = args.depth - c;
      for (int64_t i = 0; i < rest; ++i) exps[i] = exp[row.at(c + i)];
      write<is_signed, to_words>(args.out, first + c, rest, outputs(exps, mantissa, shift));
    }
  }
}

template <bool is_signed, bool to_words>
void softmax(const SoftmaxArgs& args) {
  if (args.depth == 0) return;
  for (int64_t row = args.begin; row < args.end; ++row) softmax_row<is_signed, to_words>(args, row);
}

using Args = SoftmaxArgs;

}  // namespace

void softmax_s8__neon(const Args& args) noexcept { softmax<true, false>(args); }
void softmax_u8__neon(const Args& args) noexcept { softmax<false, false>(args); }
void softmax_s8_s16__neon(const Args& args) noexcept { softmax<true, true>(args); }
void softmax_u8_s16__neon(const Args& args) noexcept { softmax<false, true>(args); }

}  // namespace pinfer
