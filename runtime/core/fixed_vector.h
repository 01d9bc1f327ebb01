// SPDX-License-Identifier: Apache-2.0
// FixedVector<T, N>: up to N values in place; grows without allocating, refuses when full.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <initializer_list>

namespace pinfer {

template <class T, std::size_t N>
class FixedVector final {
 public:
  constexpr FixedVector() = default;
  constexpr FixedVector(std::initializer_list<T> values) {
    for (const T& value : values) {
      const bool fits = push_back(value);
      assert(fits);
      static_cast<void>(fits);
    }
  }

  // False when full; the vector is unchanged then.
  [[nodiscard]] constexpr bool push_back(T value) noexcept {
    if (size_ == N) return false;
    values_[size_++] = std::move(value);
    return true;
  }
  constexpr void clear() noexcept { size_ = 0; }
  // Shrinks to `count`, which must not exceed size().
  constexpr void truncate(std::size_t count) noexcept {
    assert(count <= size_);
    size_ = count;
  }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr bool full() const noexcept { return size_ == N; }
  [[nodiscard]] static constexpr std::size_t capacity() noexcept { return N; }
  [[nodiscard]] constexpr T& operator[](std::size_t i) noexcept { return values_[i]; }
  [[nodiscard]] constexpr const T& operator[](std::size_t i) const noexcept { return values_[i]; }
  [[nodiscard]] constexpr T* data() noexcept { return values_.data(); }
  [[nodiscard]] constexpr const T* data() const noexcept { return values_.data(); }
  [[nodiscard]] constexpr T* begin() noexcept { return values_.data(); }
  [[nodiscard]] constexpr T* end() noexcept { return values_.data() + size_; }
  [[nodiscard]] constexpr const T* begin() const noexcept { return values_.data(); }
  [[nodiscard]] constexpr const T* end() const noexcept { return values_.data() + size_; }

  friend constexpr bool operator==(const FixedVector& a, const FixedVector& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<T, N> values_{};
  std::size_t size_ = 0;
};

}  // namespace pinfer
