// SPDX-License-Identifier: Apache-2.0
// fft: the two-dimensional discrete Fourier transform of real pictures, forward, not scaled.
//
// out[u][v] = sum over y, x of in[y][x] * exp(-2 pi i (u y / height + v x / width)) for
// v = 0 .. width / 2. The input is cut or padded with zeros to height x width, both powers of two.
// Computed in double, so that the float result is good to its last bits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

// exp(-2 pi i k / n) for k < n / 2, as pairs of real and imaginary part.
struct Twiddles {
  const double* pairs = nullptr;
  std::int64_t n = 1;
};

struct FftArgs {
  const float* in = nullptr;
  float* out = nullptr;  // pairs; does not overlap `in`
  std::int64_t in_height = 0, in_width = 0;
  std::int64_t height = 1, width = 1;
  Twiddles rows, columns;           // of width and height
  double* scratch = nullptr;        // fft_scratch_doubles(height, width)
  std::int64_t begin = 0, end = 0;  // pictures to transform
};

constexpr std::int64_t fft_scratch_doubles(std::int64_t height, std::int64_t width) noexcept {
  return 2 * (height * (width / 2 + 1) + (height > width ? height : width));
}

struct FftKernel {
  std::string_view name;
  DType type;
  IsaBits isa = 0;
  void (*run)(const FftArgs& args) noexcept = nullptr;
};

std::span<const FftKernel> fft_kernels() noexcept;
// Null where there is no such type.
const FftKernel* select_fft(DType type, IsaBits isa) noexcept;

}  // namespace pinfer
