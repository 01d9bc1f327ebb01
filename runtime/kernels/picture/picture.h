// SPDX-License-Identifier: Apache-2.0
// picture: one row of an input tensor out of two rows of a picture (bilinear), quantized.
//
//   above = tl + (tr - tl) * fx,  below = bl + (br - bl) * fx,  v = above + (below - above) * fy
//   plain:  q = clamp(round_half_away(v) + zero)
//   scaled: r = (v - mean) / std;  f32: r;  integers: q = clamp(round_half_away(r / scale) + zero)
//
// Gray from colour: 0.299 R + 0.587 G + 0.114 B of the blended values. Every operation is rounded
// to float by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct PictureShape {
  int source_channels = 3;     // bytes a pixel: 1 or 3
  int channels = 3;            // of the tensor: 1 or 3
  DType dtype = DType::f32;    // of the tensor: f32, i8, u8, i16
  bool interleaved = true;     // the values of a row lie side by side
  bool plain = false;          // zero is 0, for i8 -128
  std::int32_t row_bytes = 0;  // of the picture
};

// Where one output column comes from: byte offsets of two pixels in the row of the picture.
struct PictureTap {
  std::int32_t lower = 0, upper = 0;  // upper is lower or the next pixel
  float fraction = 0.0f;
};

// The same for vectors of four values, for variants that want it (PictureColumns makes it). Value i
// is lane i % 4 of quad i / 4; behind the last value it is repeated.
struct PictureTable {
  std::int32_t quads = 0;  // a multiple of kPictureStep / 4
  // near: the 16 bytes at offsets[q]; else 8 at offsets[2q] and 8 at offsets[2q + 1].
  bool near = false;
  const std::int32_t* offsets = nullptr;
  // 16 bytes a quad: the place of the lane's byte in those 16, then three times 0xff.
  const std::uint8_t *lower = nullptr, *upper = nullptr;
  const float* fractions = nullptr;  // one a value
};

inline constexpr std::int32_t kPictureStep = 48;  // values; a multiple of every tile and of 3

struct PictureArgs {
  PictureShape shape;
  std::int32_t width = 0;  // pixels to make
  const std::uint8_t *top = nullptr, *bottom = nullptr;
  float fraction = 0.0f;  // fy
  const PictureTap* taps = nullptr;
  int order[3] = {0, 1, 2};  // which byte of a pixel channel c comes from
  PictureTable table;
  // scaled: for value i % kPictureStep, so that channels repeat every three.
  const float *mean = nullptr, *std = nullptr;
  float scale = 1.0f;
  std::int32_t zero = 0;
  void* out = nullptr;
  std::size_t pixel_step = 3, channel_step = 1;  // elements
};

struct PictureKernel {
  std::string_view name;
  IsaBits isa = 0;
  bool uses_table = false;
  bool (*suits)(const PictureShape& shape) = nullptr;  // null: every shape
  void (*run)(const PictureArgs& args) noexcept = nullptr;
};

std::span<const PictureKernel* const> picture_kernels();
// The first one that `isa` covers and that suits the shape; there is always the scalar one.
const PictureKernel& select_picture(IsaBits isa, const PictureShape& shape);

}  // namespace pinfer
