// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/resample.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinfer {
namespace {

constexpr int kBits = 22;

// Which source pixels make one target pixel: `count` from `first` on, weights from `weight` on.
struct Window {
  int first = 0, count = 0;
  std::size_t weight = 0;
};

struct Filter {
  std::vector<Window> windows;
  std::vector<std::int32_t> weights;  // in 1/2^22; each window's add up to about 1
};

// From `size` pixels, the part [begin, end), to `target` pixels.
Filter make_filter(int size, float begin, float end, int target) {
  const double scale = static_cast<double>(end - begin) / target;
  const double reach = std::max(scale, 1.0);  // of the triangle, to each side
  Filter filter;
  for (int i = 0; i < target; ++i) {
    const double center = static_cast<double>(begin) + (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(center - reach + 0.5), 0);
    const int last = std::min(static_cast<int>(center + reach + 0.5), size);
    std::vector<double> weights;
    double sum = 0;
    for (int x = first; x < last; ++x) {
      weights.push_back(std::max(1.0 - std::fabs((x - center + 0.5) / reach), 0.0));
      sum += weights.back();
    }
    filter.windows.push_back({first, last - first, filter.weights.size()});
    for (const double weight : weights)
      filter.weights.push_back(
          static_cast<std::int32_t>(0.5 + (sum > 0 ? weight / sum : 0.0) * (1 << kBits)));
  }
  return filter;
}

// One pass: `lines` lines; pixels of a line lie `step` bytes apart, channels are adjacent.
struct Pass {
  const std::uint8_t* in = nullptr;
  std::uint8_t* out = nullptr;
  std::size_t lines = 0;
  std::size_t in_line = 0, out_line = 0;  // bytes from line to line
  std::size_t in_step = 0, out_step = 0;  // bytes from pixel to pixel
};

void run(const Pass& pass, const Filter& filter) {
  for (std::size_t line = 0; line < pass.lines; ++line) {
    const std::uint8_t* in = pass.in + line * pass.in_line;
    std::uint8_t* out = pass.out + line * pass.out_line;
    for (std::size_t i = 0; i < filter.windows.size(); ++i) {
      const Window& window = filter.windows[i];
      for (std::size_t channel = 0; channel < 3; ++channel) {
        std::int64_t sum = std::int64_t{1} << (kBits - 1);
        for (int x = 0; x < window.count; ++x)
          sum +=
              std::int64_t{
                  in[static_cast<std::size_t>(window.first + x) * pass.in_step + channel]} *
              filter.weights[window.weight + static_cast<std::size_t>(x)];
        out[i * pass.out_step + channel] =
            static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kBits, 0, 255));
      }
    }
  }
}

Result<Picture> make_picture(int width, int height) {
  Picture picture;
  picture.width = width;
  picture.height = height;
  PINFER_TRY(picture.pixels, AlignedBuffer::create(static_cast<std::size_t>(width) *
                                                   static_cast<std::size_t>(height) * 3));
  return picture;
}

std::uint8_t* bytes_of(Picture& picture) {
  return reinterpret_cast<std::uint8_t*>(picture.pixels.data());
}

}  // namespace

Result<Picture> resample(const Picture& picture, const PixelBox& box, int width, int height) {
  PINFER_TRY(Picture narrow, make_picture(width, picture.height));
  PINFER_TRY(Picture result, make_picture(width, height));
  const auto row = [](int pixels) { return static_cast<std::size_t>(pixels) * 3; };
  run({.in = reinterpret_cast<const std::uint8_t*>(picture.pixels.data()),
       .out = bytes_of(narrow),
       .lines = static_cast<std::size_t>(picture.height),
       .in_line = row(picture.width),
       .out_line = row(width),
       .in_step = 3,
       .out_step = 3},
      make_filter(picture.width, box.left, box.right, width));
  run({.in = bytes_of(narrow),
       .out = bytes_of(result),
       .lines = static_cast<std::size_t>(width),
       .in_line = 3,
       .out_line = 3,
       .in_step = row(width),
       .out_step = row(width)},
      make_filter(picture.height, box.top, box.bottom, height));
  return result;
}

}  // namespace pinfer
