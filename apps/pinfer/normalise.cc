// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/normalise.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace pinfer {
namespace {

// Reads "<sign><number>" from the front of `text`; false and untouched when it is not there.
bool take(std::string_view& text, char sign, float& value) {
  if (text.empty() || text[0] != sign) return false;
  float number = 0.0f;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number)) return false;
  value = number;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

template <class T>
void store(const Tensor& input, std::size_t i, float number, float scale, std::int32_t zero) {
  constexpr float kLow = static_cast<float>(std::numeric_limits<T>::lowest());
  constexpr float kHigh = static_cast<float>(std::numeric_limits<T>::max());
  const float q = std::round(number / scale) + static_cast<float>(zero);
  const T value = static_cast<T>(std::clamp(q, kLow, kHigh));
  std::memcpy(input.data + i * sizeof(T), &value, sizeof(T));
}

}  // namespace

Result<Normalise> parse_normalise(const std::string& text) {
  Normalise result;
  if (text == "bytes") {
    result.bytes = true;
    return result;
  }
  std::string_view rest = text;
  if (rest.starts_with("pixel")) {
    rest.remove_prefix(5);
    take(rest, '-', result.subtract);
    result.divides = take(rest, '/', result.divide);
    if (result.divides) take(rest, '-', result.offset);
    if (rest.empty() && result.divide > 0.0f) return result;
  }
  return fail(ErrorCode::invalid_argument,
              "--normalise {}: expected bytes, pixel, pixel-128, pixel/255, pixel/127.5-1 or the "
              "like",
              text);
}

std::optional<Normalise> natural_normalise(const TensorInfo& input) {
  const std::size_t rank = input.shape.size();
  const bool picture = rank >= 3 && (input.shape[rank - 1] == 1 || input.shape[rank - 1] == 3);
  if (input.dtype == DType::i8 && picture && input.zero_point() == -128)
    return Normalise{.subtract = 128.0f};
  if (input.dtype == DType::i8 || input.dtype == DType::u8) return Normalise{.bytes = true};
  return std::nullopt;
}

Result<void> fill_from_bytes(std::span<const std::byte> bytes, const Normalise& how,
                             const Tensor& input, const std::string& name) {
  const TensorInfo& info = *input.info;
  const auto count = static_cast<std::size_t>(elements(info.shape));
  const std::size_t wanted = how.bytes ? info.bytes() : count;
  if (bytes.size() != wanted)
    return fail(ErrorCode::invalid_argument, "{}: {} bytes, input '{}' {}{} takes {}", name,
                bytes.size(), info.name, to_string(info.dtype), to_string(info.shape), wanted);
  if (how.bytes) {
    if (!bytes.empty()) std::memcpy(input.data, bytes.data(), bytes.size());
    return {};
  }
  const bool real = how.divides && info.quant.quantized();
  const float scale = real ? info.scale() : 1.0f;
  const std::int32_t zero = real ? info.zero_point() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float number = how.apply(static_cast<std::uint8_t>(bytes[i]));
    switch (info.dtype) {
      case DType::f32:
        std::memcpy(input.data + i * sizeof(number), &number, sizeof(number));
        break;
      case DType::i8:
        store<std::int8_t>(input, i, number, scale, zero);
        break;
      case DType::u8:
        store<std::uint8_t>(input, i, number, scale, zero);
        break;
      case DType::i16:
        store<std::int16_t>(input, i, number, scale, zero);
        break;
      default:
        return fail(ErrorCode::unsupported, "{}: input '{}' is {}", name, info.name,
                    to_string(info.dtype));
    }
  }
  return {};
}

}  // namespace pinfer
