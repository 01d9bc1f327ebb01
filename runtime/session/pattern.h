// SPDX-License-Identifier: Apache-2.0
// Pattern: the same input bytes on every machine, so that counts and times of runtimes compare.
//
// A linear congruential generator, s = 12345; each element s = s * 1664525 + 1013904223 (32 bits)
// and takes the byte s >> 24. One state goes through all inputs of a model, in their order.
#pragma once

#include <cstdint>

#include "runtime/graph/tensor.h"

namespace pinfer {

class Pattern final {
 public:
  std::uint8_t next() noexcept {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<std::uint8_t>(state_ >> 24);
  }

  // One byte an element: floats become byte / 127.5 - 1, integers the byte itself, booleans its
  // lowest bit; float16 and complex tensors become zero.
  void fill(const Tensor& tensor) noexcept;

 private:
  std::uint32_t state_ = 12345;
};

}  // namespace pinfer
