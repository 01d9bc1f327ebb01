// SPDX-License-Identifier: Apache-2.0
// Depthwise 3 x 3 in int8 with dot products: a lane of 32 bits holds four rows of one channel, so
// that one SDOT takes a column of a window. The same quad serves two rows of output: once with the
// weights (w0, w1, w2, 0), once with (0, w0, w1, w2).
#include <arm_neon.h>

#include "runtime/kernels/depthwise/finish_neon.h"
#include "runtime/kernels/depthwise/slide.h"
#include "runtime/kernels/depthwise/wide_neon.h"

namespace pinfer {
namespace {

// Two quads: channels 0..3 and 4..7.
struct Quads {
  int8x16_t low, high;
};

[[gnu::always_inline]] inline int8x16_t zipped(const int8_t* a, const int8_t* b) noexcept {
  return vzip1q_s8(vcombine_s8(vld1_s8(a), vdup_n_s8(0)), vcombine_s8(vld1_s8(b), vdup_n_s8(0)));
}
[[gnu::always_inline]] inline Quads quads_of(int8x16_t upper, int8x16_t lower) noexcept {
  const int16x8_t u = vreinterpretq_s16_s8(upper), l = vreinterpretq_s16_s8(lower);
  return {vreinterpretq_s8_s16(vzip1q_s16(u, l)), vreinterpretq_s8_s16(vzip2q_s16(u, l))};
}

class DotWeights {
 public:
  // Rows 0..3 (0..2 and whatever), and 2..4 where there are five.
  template <int kIn>
  struct Column {
    Quads quads[kIn == 5 ? 2 : 1];
  };

  explicit DotWeights(const PackedGroup& group) noexcept {
    const auto* from = reinterpret_cast<const int8_t*>(&group + 1);
    for (int i = 0; i < 6; ++i) tap_[i] = {vld1q_s8(from + 32 * i), vld1q_s8(from + 32 * i + 16)};
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> load(const int8_t* const (&row)[kIn],
                                                 ptrdiff_t at) noexcept {
    const int8x16_t upper = zipped(row[0] + at, row[1] + at);
    const int8x16_t lower = zipped(row[2] + at, row[kIn == 3 ? 2 : 3] + at);
    if constexpr (kIn == 5) {
      const int8x16_t last = zipped(row[4] + at, row[4] + at);
      return {{quads_of(upper, lower), quads_of(lower, last)}};
    } else {
      return {{quads_of(upper, lower)}};
    }
  }
  template <int kIn>
  [[gnu::always_inline]] static Column<kIn> fill(int32_t zero) noexcept {
    const int8x16_t v = vdupq_n_s8(static_cast<int8_t>(zero));
    if constexpr (kIn == 5)
      return {{{v, v}, {v, v}}};
    else
      return {{{v, v}}};
  }
  // The second row of output has quads of its own at stride 2, weights of its own at stride 1.
  template <int kFirst, class C>
  [[gnu::always_inline]] Sums sum(Sums total, const C& a, const C& b, const C& c) const noexcept {
    constexpr int kQuads = kFirst == 2 ? 1 : 0, kTaps = kFirst == 1 ? 3 : 0;
    total = add(total, a.quads[kQuads], tap_[kTaps]);
    total = add(total, b.quads[kQuads], tap_[kTaps + 1]);
    return add(total, c.quads[kQuads], tap_[kTaps + 2]);
  }

 private:
  [[gnu::always_inline]] static Sums add(Sums to, const Quads& x, const Quads& w) noexcept {
    return {vdotq_s32(to.low, x.low, w.low), vdotq_s32(to.high, x.high, w.high)};
  }

  Quads tap_[6];
};

void strip(const DepthwiseStrip& s) noexcept {
  s.group->sum == kSumDot ? slide_any<DotWeights>(s) : slide_any<WideWeights>(s);
}

void run(const DepthwiseArgs& args, const MacBlock& block) noexcept {
  depthwise_walk<8>(args, block, depthwise_group_bytes(args.shape), strip);
}

}  // namespace

extern const DepthwiseKernel depthwise_s8_3x3__neondot;
const DepthwiseKernel depthwise_s8_3x3__neondot{
    "depthwise_s8_3x3__neondot",
    isa::neon | isa::neondot,
    MacTypes::s8,
    slides,
    run,
    depthwise_packing<8>(depthwise_packed_bytes, depthwise_pack_dot)};

}  // namespace pinfer
