// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <utility>

#include "runtime/kernels/fft/fft.h"

namespace pinfer {
namespace {

struct Complex {
  double real, imaginary;
};

Complex operator+(Complex a, Complex b) { return {a.real + b.real, a.imaginary + b.imaginary}; }
Complex operator-(Complex a, Complex b) { return {a.real - b.real, a.imaginary - b.imaginary}; }
Complex operator*(Complex a, Complex b) {
  return {a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real};
}

// Radix 2, in place: bit reversal, then butterflies of growing width.
void transform(Complex* x, const Twiddles& twiddles) {
  const std::int64_t n = twiddles.n;
  for (std::int64_t i = 1, j = 0; i < n; ++i) {
    std::int64_t bit = n >> 1;
    for (; (j & bit) != 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (std::int64_t half = 1; half < n; half *= 2) {
    const std::int64_t stride = n / (2 * half);
    for (std::int64_t first = 0; first < n; first += 2 * half)
      for (std::int64_t k = 0; k < half; ++k) {
        const double* w = twiddles.pairs + 2 * k * stride;
        const Complex odd = x[first + k + half] * Complex{w[0], w[1]};
        const Complex even = x[first + k];
        x[first + k] = even + odd;
        x[first + k + half] = even - odd;
      }
  }
}

void transform_picture(const FftArgs& args, const float* in, float* out) {
  const std::int64_t half = args.width / 2 + 1;
  auto* picture = reinterpret_cast<Complex*>(args.scratch);  // height x half
  Complex* line = picture + args.height * half;
  const std::int64_t rows = std::min(args.in_height, args.height);
  const std::int64_t columns = std::min(args.in_width, args.width);
  std::fill(picture, picture + args.height * half, Complex{});
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < args.width; ++x)
      line[x] = {x < columns ? in[y * args.in_width + x] : 0.0, 0.0};
    transform(line, args.rows);
    std::copy(line, line + half, picture + y * half);
  }
  for (std::int64_t x = 0; x < half; ++x) {
    for (std::int64_t y = 0; y < args.height; ++y) line[y] = picture[y * half + x];
    transform(line, args.columns);
    for (std::int64_t y = 0; y < args.height; ++y) {
      out[2 * (y * half + x)] = static_cast<float>(line[y].real);
      out[2 * (y * half + x) + 1] = static_cast<float>(line[y].imaginary);
    }
  }
}

}  // namespace

void fft_f32__scalar(const FftArgs& args) noexcept {
  const std::int64_t in_step = args.in_height * args.in_width;
  const std::int64_t out_step = 2 * args.height * (args.width / 2 + 1);
  for (std::int64_t i = args.begin; i < args.end; ++i)
    transform_picture(args, args.in + i * in_step, args.out + i * out_step);
}

}  // namespace pinfer
