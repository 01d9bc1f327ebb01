// SPDX-License-Identifier: Apache-2.0
// What the decoders share: real values of an output, and the list that keeps the best predictions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "apps/pipeline/decoders/decoder.h"

namespace pinfer {

// Element types that OutputValues reads.
constexpr bool has_output_values(DType type) noexcept {
  return type == DType::f32 || type == DType::i8 || type == DType::u8 || type == DType::i16 ||
         type == DType::i32;
}

// The values of one output as real numbers: scale * (q - zero_point) where it is quantized.
class OutputValues final {
 public:
  explicit OutputValues(const Tensor& tensor) noexcept
      : data_(tensor.data),
        type_(tensor.info->dtype),
        scale_(tensor.info->scale()),
        zero_point_(tensor.info->zero_point()),
        size_(static_cast<std::size_t>(elements(tensor.info->shape))) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] float operator[](std::size_t i) const noexcept {
    switch (type_) {
      case DType::f32:
        return read<float>(i);
      case DType::i8:
        return real(read<std::int8_t>(i));
      case DType::u8:
        return real(read<std::uint8_t>(i));
      case DType::i16:
        return real(read<std::int16_t>(i));
      default:
        return real(read<std::int32_t>(i));
    }
  }

 private:
  template <class T>
  [[nodiscard]] T read(std::size_t i) const noexcept {
    return reinterpret_cast<const T*>(data_)[i];
  }
  [[nodiscard]] float real(std::int64_t q) const noexcept {
    return scale_ * static_cast<float>(q - zero_point_);
  }

  const std::byte* data_;
  DType type_;
  float scale_;
  std::int32_t zero_point_;
  std::size_t size_;
};

// Puts a prediction at its place, best score first and equal scores in order of arrival. Beyond
// `options.top_k` the lowest one goes.
inline void keep_best(Predictions& predictions, const Prediction& candidate,
                      const DecodeOptions& options) noexcept {
  if (options.min_score && candidate.score < *options.min_score) return;
  const std::size_t limit = std::min(options.top_k, Predictions::capacity());
  if (limit == 0) return;
  if (predictions.size() >= limit) {
    if (candidate.score <= predictions[predictions.size() - 1].score) return;
    predictions.truncate(predictions.size() - 1);
  }
  if (!predictions.push_back(candidate)) return;  // never: there is room by now
  for (std::size_t i = predictions.size() - 1;
       i > 0 && predictions[i - 1].score < predictions[i].score; --i) {
    std::swap(predictions[i - 1], predictions[i]);
  }
}

}  // namespace pinfer
