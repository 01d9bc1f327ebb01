// SPDX-License-Identifier: Apache-2.0
// Quantization of float activations at run time, for operators with int8 weights.
//
// value = scale * (q - zero). Values that are not finite do not break anything: they end up at an
// end of the range.
#pragma once

#include <cstdint>

namespace pinfer {

struct DynamicQuant {
  float scale = 1.0f;
  std::int32_t zero = 0;
};

// To [-127, 127], zero 0; the largest magnitude becomes 127.
DynamicQuant quantize_symmetric(const float* values, std::int64_t count, std::int8_t* out) noexcept;
// To [-128, 127]; the range of the values, extended to hold 0, fills it.
DynamicQuant quantize_asymmetric(const float* values, std::int64_t count,
                                 std::int8_t* out) noexcept;

}  // namespace pinfer
