// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "runtime/kernels/lut/lut.h"

namespace pinfer {
namespace {

// sigmoid(i / 24) * 65536, slightly biased so that the straight lines between the samples err
// evenly.
constexpr std::array<std::uint16_t, 256> kSigmoid = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794,
    41432, 42064, 42688, 43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443,
    48964, 49475, 49975, 50464, 50942, 51409, 51865, 52311, 52745, 53169, 53581, 53983, 54374,
    54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433, 57724, 58007, 58280, 58544,
    58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110, 61279,
    61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990,
    63090, 63186, 63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030,
    64090, 64148, 64204, 64257, 64308, 64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652,
    64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900, 64926, 64950, 64974, 64997, 65019,
    65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208, 65221, 65234,
    65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360,
    65367, 65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433,
    65438, 65442, 65445, 65449, 65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476,
    65479, 65481, 65483, 65485, 65488, 65489, 65491, 65493, 65495, 65497, 65498, 65500, 65501,
    65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513, 65514, 65515, 65516,
    65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
    65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529,
    65529, 65530, 65530, 65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532,
    65532, 65532, 65532, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65533, 65534, 65534,
    65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535};

// The argument in units of 1/12288, rounded.
std::int32_t argument_of(std::int16_t value, const LutArgs& args) {
  constexpr std::int64_t kLimit = 1 << 30;  // far beyond the last sample
  const std::int64_t half = args.shift > 0 ? std::int64_t{1} << (args.shift - 1) : 0;
  const std::int64_t product = static_cast<std::int64_t>(value) * args.multiplier + half;
  return static_cast<std::int32_t>(std::clamp(product >> args.shift, -kLimit, kLimit));
}

// kSigmoid between two samples that are 2^bits apart, in 16 + bits bits.
std::uint32_t sample(std::uint32_t distance, int bits, std::uint32_t beyond) {
  const std::uint32_t index = distance >> bits;
  if (index >= 255) return beyond;
  const std::uint32_t low = kSigmoid[index], high = kSigmoid[index + 1];
  return (low << bits) + (distance & ((1u << bits) - 1)) * (high - low);
}

}  // namespace

void lut_x8__scalar(const LutArgs& args) noexcept {
  const auto* in = static_cast<const std::uint8_t*>(args.in);
  const auto* table = static_cast<const std::uint8_t*>(args.table);
  auto* out = static_cast<std::uint8_t*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) out[i] = table[in[i]];
}

void lut_x16__scalar(const LutArgs& args) noexcept {
  const auto* in = static_cast<const std::uint16_t*>(args.in);
  const auto* table = static_cast<const std::uint16_t*>(args.table);
  auto* out = static_cast<std::uint16_t*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) out[i] = table[in[i]];
}

void lut_s16__scalar(const LutArgs& args) noexcept {
  const auto* in = static_cast<const std::int16_t*>(args.in);
  const auto* table = static_cast<const std::int16_t*>(args.table);
  auto* out = static_cast<std::int16_t*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) out[i] = interpolate_s16(in[i], table);
}

void lut_logistic_s16__scalar(const LutArgs& args) noexcept {
  const auto* in = static_cast<const std::int16_t*>(args.in);
  auto* out = static_cast<std::int16_t*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    const std::int32_t x = argument_of(in[i], args);
    const std::uint32_t right = sample(static_cast<std::uint32_t>(std::abs(x)), 9, 0x7fffu << 10);
    const std::uint32_t value = x >= 0 ? right + (1u << 9) : (1u << 25) - right + (1u << 9) - 1;
    out[i] = static_cast<std::int16_t>(value >> 10);
  }
}

// tanh(x) = 2 * sigmoid(2x) - 1.
void lut_tanh_s16__scalar(const LutArgs& args) noexcept {
  const auto* in = static_cast<const std::int16_t*>(args.in);
  auto* out = static_cast<std::int16_t*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    const std::int32_t x = argument_of(in[i], args);
    const auto right =
        static_cast<std::int32_t>(sample(static_cast<std::uint32_t>(std::abs(x)), 8, 0xffffu << 8));
    constexpr std::int32_t kHalf = 1 << 23, kRound = 1 << 7;
    const std::int32_t value = x >= 0 ? right - kHalf + kRound : kHalf - right + kRound - 1;
    out[i] = static_cast<std::int16_t>(value >> 8);
  }
}

}  // namespace pinfer
