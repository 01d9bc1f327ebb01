// SPDX-License-Identifier: Apache-2.0
// Depthwise 3 x 3 in int8 for ARMv8.0. A lane of 16 bits holds the products of several taps where
// the group's weights allow it for any input (layout.h): one widening addition serves all of them.
#include <arm_neon.h>

#include "runtime/kernels/depthwise/finish_neon.h"
#include "runtime/kernels/depthwise/slide.h"
#include "runtime/kernels/depthwise/wide_neon.h"

namespace pinfer {
namespace {

// The taps 0..8 after which the 16-bit sums are added to the 32-bit ones, as bits.
constexpr int flush_after(int sum) noexcept {
  return sum == kSumPairs ? 0x1aa : sum == kSumThrees ? 0x124 : sum == kSumHalves ? 0x110 : 0x100;
}

template <int kSum>
class ByteWeights {
 public:
  template <int kIn>
  struct Column {
    int8x8_t row[kIn];
  };

  explicit ByteWeights(const PackedGroup& group) noexcept {
    const auto* from = reinterpret_cast<const int8_t*>(&group + 1);
    for (int i = 0; i < 9; ++i) tap_[i] = vld1_s8(from + 8 * i);
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> load(const int8_t* const (&row)[kIn],
                                                 ptrdiff_t at) noexcept {
    Column<kIn> c;
    for (int i = 0; i < kIn; ++i) c.row[i] = vld1_s8(row[i] + at);
    return c;
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> fill(int32_t zero) noexcept {
    Column<kIn> c;
    for (int i = 0; i < kIn; ++i) c.row[i] = vdup_n_s8(static_cast<int8_t>(zero));
    return c;
  }
  template <int kFirst, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    int16x8_t part = vmull_s8(a.row[kFirst], tap_[0]);
    add<1>(total, part, b.row[kFirst]);
    add<2>(total, part, c.row[kFirst]);
    add<3>(total, part, a.row[kFirst + 1]);
    add<4>(total, part, b.row[kFirst + 1]);
    add<5>(total, part, c.row[kFirst + 1]);
    add<6>(total, part, a.row[kFirst + 2]);
    add<7>(total, part, b.row[kFirst + 2]);
    add<8>(total, part, c.row[kFirst + 2]);
    return widen_add(total, part);
  }

 private:
  [[gnu::always_inline]] static Sums widen_add(Sums to, int16x8_t v) noexcept {
#if defined(__aarch64__)
    return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_high_s16(to.high, v)};
#else
    return {vaddw_s16(to.low, vget_low_s16(v)), vaddw_s16(to.high, vget_high_s16(v))};
#endif
  }
  // One more tap, in the 16-bit sum of the tap before where that fits.
  template <int kTap>
  [[gnu::always_inline]] void add(Sums& total, int16x8_t& part, int8x8_t x) const noexcept {
    if constexpr ((flush_after(kSum) >> (kTap - 1) & 1) != 0) {
      total = widen_add(total, part);
      part = vmull_s8(x, tap_[kTap]);
    } else {
      part = vmlal_s8(part, x, tap_[kTap]);
    }
  }

  int8x8_t tap_[9];
};

void strip(const DepthwiseStrip& s) noexcept {
  switch (s.group->sum) {
    case kSumWhole:
      return slide_small<ByteWeights<kSumWhole>>(s);
    case kSumHalves:
      return slide_small<ByteWeights<kSumHalves>>(s);
    case kSumThrees:
      return slide_small<ByteWeights<kSumThrees>>(s);
    case kSumPairs:
      return slide_any<ByteWeights<kSumPairs>>(s);
    default:
      return slide_any<WideWeights>(s);
  }
}

void run(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk<8>(args, block, depthwise_group_bytes(args.shape), strip);
}

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__neon;
const DepthwiseKernel depthwise_s8_3x3__neon{
    "depthwise_s8_3x3__neon",
    isa::neon,
    MacTypes::s8,
    slides,
    run,
    depthwise_packing<8>(depthwise_packed_bytes, depthwise_pack)};

}  // namespace pinfer
