// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <cmath>

#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/l2norm/l2norm.h"

namespace pinfer {
namespace {

using Args = L2NormArgs;

// Calls finish(q - zero, inverse length) for each element of each row.
template <class T, class Finish>
void normalise(const Args& args, const Finish& finish) noexcept {
  const auto* in = static_cast<const T*>(args.in);
  auto* out = static_cast<T*>(args.out);
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const T* x = in + row * args.depth;
    T* y = out + row * args.depth;
    std::int32_t sum = 0;
    for (std::int64_t c = 0; c < args.depth; ++c) {
      const std::int32_t centred = x[c] - args.zero;
      sum += centred * centred;
    }
    const Multiplier inverse = inverse_sqrt(sum);
    for (std::int64_t c = 0; c < args.depth; ++c)
      y[c] = static_cast<T>(finish(x[c] - args.zero, inverse));
  }
}

}  // namespace

void l2norm_f32__scalar(const Args& args) noexcept {
  const auto* in = static_cast<const float*>(args.in);
  auto* out = static_cast<float*>(args.out);
  for (std::int64_t row = args.begin; row < args.end; ++row) {
    const float* x = in + row * args.depth;
    float* y = out + row * args.depth;
    float sum = 0.0f;
    for (std::int64_t c = 0; c < args.depth; ++c) sum += x[c] * x[c];
    const float length = std::max(std::sqrt(sum), 1e-6f);
    for (std::int64_t c = 0; c < args.depth; ++c) y[c] = x[c] / length;
  }
}

// The factor 128 of the output scale is part of the shift.
void l2norm_s8__scalar(const Args& args) noexcept {
  normalise<std::int8_t>(args, [](std::int32_t centred, Multiplier inverse) {
    return std::clamp(multiply(centred, {inverse.mantissa, inverse.shift + 7}), -128, 127);
  });
}

// The factor 128 of the output scale multiplies the element.
void l2norm_u8__scalar(const Args& args) noexcept {
  normalise<std::uint8_t>(args, [](std::int32_t centred, Multiplier inverse) {
    return std::clamp(128 + multiply(128 * centred, inverse), 0, 255);
  });
}

}  // namespace pinfer
