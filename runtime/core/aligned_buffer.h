// SPDX-License-Identifier: Apache-2.0
// AlignedBuffer: zeroed heap memory on a 64-byte boundary, owned.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "runtime/core/checked.h"
#include "runtime/core/result.h"

namespace pinfer {

// Cache line and widest vector register of the supported machines.
inline constexpr std::size_t kAlignment = 64;

class AlignedBuffer final {
 public:
  AlignedBuffer() = default;

  // `bytes` zeroed bytes (0 gives an empty buffer). Error over_budget when the system has no
  // memory.
  static Result<AlignedBuffer> create(std::size_t bytes) {
    AlignedBuffer buffer;
    if (bytes == 0) return buffer;
    const std::size_t padded = round_up(bytes, kAlignment);
    void* memory = padded < bytes ? nullptr : std::aligned_alloc(kAlignment, padded);
    if (memory == nullptr)
      return fail(ErrorCode::over_budget, "cannot allocate {} bytes of memory", bytes);
    std::memset(memory, 0, padded);
    buffer.data_.reset(static_cast<std::byte*>(memory));
    buffer.size_ = bytes;
    return buffer;
  }

  [[nodiscard]] std::byte* data() noexcept { return data_.get(); }
  [[nodiscard]] const std::byte* data() const noexcept { return data_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> span() noexcept { return {data_.get(), size_}; }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const noexcept { std::free(memory); }
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace pinfer
