// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/pattern.h"

#include <cstring>

namespace pinfer {
namespace {

template <class T>
void store(const Tensor& tensor, std::size_t i, T value) noexcept {
  std::memcpy(tensor.data + i * sizeof(T), &value, sizeof(T));
}

}  // namespace

void Pattern::fill(const Tensor& tensor) noexcept {
  const auto count = static_cast<std::size_t>(elements(tensor.info->shape));
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t byte = next();
    switch (tensor.info->dtype) {
      case DType::f32:
        store(tensor, i, static_cast<float>(byte) / 127.5f - 1.0f);
        break;
      case DType::f64:
        store(tensor, i, static_cast<double>(byte) / 127.5 - 1.0);
        break;
      case DType::i16:
      case DType::u16:
        store(tensor, i, std::uint16_t{byte});
        break;
      case DType::i32:
      case DType::u32:
        store(tensor, i, std::uint32_t{byte});
        break;
      case DType::i64:
      case DType::u64:
        store(tensor, i, std::uint64_t{byte});
        break;
      case DType::boolean:
        store(tensor, i, static_cast<std::uint8_t>(byte & 1));
        break;
      case DType::i8:
      case DType::u8:
        store(tensor, i, byte);
        break;
      default:
        std::memset(tensor.data, 0, tensor.info->bytes());
        return;
    }
  }
}

}  // namespace pinfer
