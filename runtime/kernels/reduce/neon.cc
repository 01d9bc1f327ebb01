// SPDX-License-Identifier: Apache-2.0
// NEON variants of the mean and the sum over all but the innermost dimension: 16 channels at a
// time. Other walks, and sums that might leave 32 bits, are left to the judge.
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "runtime/kernels/reduce/reduce.h"

namespace pinfer {

void reduce_mean_quant_s8__scalar(const ReduceArgs& args) noexcept;
void reduce_mean_quant_u8__scalar(const ReduceArgs& args) noexcept;

namespace {

constexpr int kStep = 16;

// Pixels of `channels` bytes that lie `pixel_bytes` apart.
struct Pixels {
  const uint8_t* first;
  int64_t count, pixel_bytes;
};

struct Sums {
  int32x4_t part[4];
};

// `count` bytes, at most 16.
uint8x16_t load(const uint8_t* from, int64_t count) {
  if (count == kStep) return vld1q_u8(from);
  uint8_t bytes[kStep] = {};
  memcpy(bytes, from, static_cast<size_t>(count));
  return vld1q_u8(bytes);
}

// uint8 is summed with its sign bit turned over: 128 less a pixel.
template <bool is_signed>
Sums sums_of(const Pixels& pixels, int64_t c, int64_t count) {
  const uint8x16_t flip = vdupq_n_u8(is_signed ? 0 : 0x80);
  Sums sums = {{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}};
  const uint8_t* from = pixels.first + c;
  for (int64_t left = pixels.count; left > 0; left -= 256) {
    int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
    for (int64_t i = left < 256 ? left : 256; i > 0; --i, from += pixels.pixel_bytes) {
      const int8x16_t pixel = vreinterpretq_s8_u8(veorq_u8(load(from, count), flip));
      low = vaddw_s8(low, vget_low_s8(pixel));
      high = vaddw_s8(high, vget_high_s8(pixel));
    }
    sums.part[0] = vaddw_s16(sums.part[0], vget_low_s16(low));
    sums.part[1] = vaddw_s16(sums.part[1], vget_high_s16(low));
    sums.part[2] = vaddw_s16(sums.part[2], vget_low_s16(high));
    sums.part[3] = vaddw_s16(sums.part[3], vget_high_s16(high));
  }
  return sums;
}

// (sum - zeros) * scale + out_zero, as the judge rounds.
struct Scale {
  int32x4_t zeros, mantissa, left, right, fix, out_zero;
  Scale(const ReduceArgs& args, int32_t zero)
      : zeros(vdupq_n_s32(static_cast<int32_t>(zero * args.reduced.count))),
        mantissa(vdupq_n_s32(args.scale.mantissa)),
        left(vdupq_n_s32(args.scale.shift > 0 ? args.scale.shift : 0)),
        right(vdupq_n_s32(args.scale.shift > 0 ? 0 : args.scale.shift)),
        fix(vdupq_n_s32(args.scale.shift < 0 ? -1 : 0)),
        out_zero(vdupq_n_s32(args.out_zero)) {}
  int16x4_t scaled(int32x4_t sum) const {
    int32x4_t x = vqrdmulhq_s32(vshlq_s32(vsubq_s32(sum, zeros), left), mantissa);
    x = vrshlq_s32(vsraq_n_s32(x, vandq_s32(x, fix), 31), right);
    return vqmovn_s32(vqaddq_s32(x, out_zero));
  }
};

template <bool is_signed>
uint8x16_t bytes_of(const Scale& scale, const Sums& sums) {
  const int16x8_t low = vcombine_s16(scale.scaled(sums.part[0]), scale.scaled(sums.part[1]));
  const int16x8_t high = vcombine_s16(scale.scaled(sums.part[2]), scale.scaled(sums.part[3]));
  if constexpr (is_signed)
    return vreinterpretq_u8_s8(vcombine_s8(vqmovn_s16(low), vqmovn_s16(high)));
  else
    return vcombine_u8(vqmovun_s16(low), vqmovun_s16(high));
}

// The outputs [begin, end) of one picture, whose channels are the innermost dimension.
template <bool is_signed>
void reduce_picture(const Pixels& pixels, const Scale& scale, uint8_t* out, int64_t begin,
                    int64_t end) {
  int64_t c = begin;
  for (; c + kStep <= end; c += kStep)
    vst1q_u8(out + c, bytes_of<is_signed>(scale, sums_of<is_signed>(pixels, c, kStep)));
  if (c == end) return;
  uint8_t bytes[kStep];
  vst1q_u8(bytes, bytes_of<is_signed>(scale, sums_of<is_signed>(pixels, c, end - c)));
  memcpy(out + c, bytes, static_cast<size_t>(end - c));
}

// The dimensions of a walk as plain arrays.
const int64_t* dims_of(const Walk& walk) { return reinterpret_cast<const int64_t*>(&walk.dims); }
const int64_t* steps_of(const Walk& walk) { return reinterpret_cast<const int64_t*>(&walk.steps); }

// Is it [pictures] x pixels x channels, with the pixels reduced?
bool is_over_pixels(const ReduceArgs& args) {
  const Walk& kept = args.kept;
  const Walk& reduced = args.reduced;
  return reduced.rank == 1 && reduced.count > 0 && reduced.count <= 1 << 22 && kept.rank >= 1 &&
         kept.rank <= 2 && steps_of(kept)[kept.rank - 1] == 1;
}

template <bool is_signed>
void reduce(const ReduceArgs& args) {
  const Walk& kept = args.kept;
  const int64_t channels = dims_of(kept)[kept.rank - 1];
  const int64_t picture_step = kept.rank == 2 ? steps_of(kept)[0] : 0;
  const Scale scale(args, args.in_zero - (is_signed ? 0 : 128));
  for (int64_t at = args.begin; at < args.end;) {
    const int64_t picture = at / channels, first = at % channels;
    const int64_t last =
        args.end - picture * channels < channels ? args.end - picture * channels : channels;
    const Pixels pixels = {static_cast<const uint8_t*>(args.in) + picture * picture_step,
                           args.reduced.count, steps_of(args.reduced)[0]};
    reduce_picture<is_signed>(pixels, scale, static_cast<uint8_t*>(args.out) + picture * channels,
                              first, last);
    at = picture * channels + last;
  }
}

void reduce_s8(const ReduceArgs& args) {
  if (!is_over_pixels(args)) return reduce_mean_quant_s8__scalar(args);
  reduce<true>(args);
}
void reduce_u8(const ReduceArgs& args) {
  if (!is_over_pixels(args)) return reduce_mean_quant_u8__scalar(args);
  reduce<false>(args);
}

}  // namespace

// As in the judge, mean and sum differ in their scale only.
void reduce_mean_quant_s8__neon(const ReduceArgs& args) noexcept { reduce_s8(args); }
void reduce_mean_quant_u8__neon(const ReduceArgs& args) noexcept { reduce_u8(args); }
void reduce_sum_quant_s8__neon(const ReduceArgs& args) noexcept { reduce_s8(args); }
void reduce_sum_quant_u8__neon(const ReduceArgs& args) noexcept { reduce_u8(args); }

}  // namespace pinfer
