// SPDX-License-Identifier: Apache-2.0
// Operands: one layer's tensors with fixed random contents, and one kernel of its family run on
// them as a step would: packed once, the input arranged in each run.
#pragma once

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "bench/kernels/families.h"
#include "runtime/core/aligned_buffer.h"

namespace pinfer::bench {

// T: float or std::int8_t.
template <class Family, class T>
class Operands final {
 public:
  using Args = typename Family::Args;
  using Kernel = typename Family::Kernel;
  using Shape = typename Family::Shape;

  explicit Operands(const Shape& shape)
      : input_(values<T>(Family::inputs(shape))),
        filter_(values<T>(Family::weights(shape))),
        output_(static_cast<std::size_t>(Family::outputs(shape))) {
    args_.shape = shape;
    args_.input = input_.data();
    args_.filter = filter_.data();
    args_.output = output_.data();
    if constexpr (std::is_same_v<T, float>) {
      float_bias_ = values<float>(Family::channels(shape));
      args_.bias = float_bias_.data();
      args_.range = {-1e6f, 1e6f};
    } else {
      set_integers();
    }
  }

  // Makes the kernel's own copy of the weights.
  Result<void> prepare(const Kernel& kernel) {
    kernel_ = &kernel;
    const auto& packing = kernel.packing;
    if (packing.pack == nullptr) return {};
    PINFER_TRY(packed_, AlignedBuffer::create(packing.packed_bytes(args_)));
    packing.pack(args_, packed_.data());
    args_.packed = packed_.data();
    if (packing.scratch_bytes == nullptr) return {};
    PINFER_TRY(scratch_, AlignedBuffer::create(packing.scratch_bytes(args_)));
    args_.scratch = scratch_.data();
    return {};
  }

  void run() noexcept {
    const auto& packing = kernel_->packing;
    if (packing.arrange != nullptr) packing.arrange(args_, 0, packing.arrange_units(args_));
    kernel_->run(args_, {0, Family::rows(args_.shape), 0, Family::channels(args_.shape)});
  }

  // Integers: the same bytes. Floats: within 1e-4 of the largest value.
  [[nodiscard]] bool equals(const Operands& judge) const {
    if constexpr (std::is_same_v<T, float>) {
      float largest = 0;
      for (const float value : judge.output_) largest = std::max(largest, std::abs(value));
      for (std::size_t i = 0; i < output_.size(); ++i)
        if (!(std::abs(output_[i] - judge.output_[i]) <= 1e-4f * largest)) return false;
      return true;
    } else {
      return output_ == judge.output_;
    }
  }

 private:
  template <class Value>
  static std::vector<Value> values(std::int64_t count) {
    std::mt19937 random(12345);
    std::vector<Value> made(static_cast<std::size_t>(count));
    for (Value& value : made) {
      const auto byte = static_cast<std::int8_t>(random() >> 24);
      if constexpr (std::is_same_v<Value, float>)
        value = static_cast<float>(byte) / 128.0f;
      else
        value = static_cast<Value>(byte);
    }
    return made;
  }

  // Results that spread over int8: the sums of random products grow with the root of the depth.
  void set_integers() {
    const double depth = static_cast<double>(Family::depth(args_.shape));
    const double scale = 50.0 / (75.0 * 75.0 * std::sqrt(depth));
    const auto channels = static_cast<std::size_t>(Family::channels(args_.shape));
    bias_ = values<std::int32_t>(static_cast<std::int64_t>(channels));
    args_.bias = bias_.data();
    args_.input_zero = -5;
    args_.output_zero = 3;
    args_.clamp = {-128, 127};
    if constexpr (requires { args_.multipliers; }) {
      int exponent = 0;
      const double mantissa = std::frexp(scale, &exponent);
      multipliers_.assign(channels,
                          Multiplier{static_cast<std::int32_t>(mantissa * 2147483648.0), exponent});
      args_.multipliers = multipliers_.data();
    } else {
      scales_.assign(channels, scale);
      args_.scales = scales_.data();
    }
  }

  Args args_;
  const Kernel* kernel_ = nullptr;
  std::vector<T> input_, filter_, output_;
  std::vector<std::int32_t> bias_;
  std::vector<float> float_bias_;
  std::vector<Multiplier> multipliers_;
  std::vector<double> scales_;
  AlignedBuffer packed_, scratch_;
};

}  // namespace pinfer::bench
