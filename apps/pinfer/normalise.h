// SPDX-License-Identifier: Apache-2.0
// Normalise: how the bytes of a data set become the numbers of a model's input (`--normalise`).
//
//   bytes              the bytes of the file are the bytes of the tensor
//   pixel[-A][/B][-C]  the number (pixel - A) / B - C, pixel 0..255: pixel, pixel-128, pixel/255,
//                      pixel/127.5-1. Float inputs get the number. Integer inputs get it too when
//                      there is no division; with one it is a real number and they get it
//                      quantized.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "runtime/core/result.h"
#include "runtime/graph/tensor.h"

namespace pinfer {

struct Normalise {
  bool bytes = false;
  float subtract = 0.0f, divide = 1.0f, offset = 0.0f;
  bool divides = false;

  [[nodiscard]] float apply(std::uint8_t pixel) const noexcept {
    return (static_cast<float>(pixel) - subtract) / divide - offset;
  }
  friend bool operator==(const Normalise&, const Normalise&) = default;
};

// Error invalid_argument with the forms there are.
Result<Normalise> parse_normalise(const std::string& text);

// What an input says by itself: uint8 and int8 that is no picture take bytes, int8 pictures (zero
// point -128) pixel-128. Nothing for floats: the file does not tell.
std::optional<Normalise> natural_normalise(const TensorInfo& input);

// One byte an element (or, with `bytes`, as many as the tensor has). `name` is for messages.
Result<void> fill_from_bytes(std::span<const std::byte> bytes, const Normalise& how,
                             const Tensor& input, const std::string& name);

}  // namespace pinfer
