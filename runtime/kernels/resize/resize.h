// SPDX-License-Identifier: Apache-2.0
// resize: rows of a resized NHWC image, nearest or bilinear.
//
// Where each output row and column comes from is worked out once, at load (ResizeTap). With v the
// four neighbours, wy and wx the weights of the lower right ones:
//   bilinear  f32, u8: v00 (1-wy)(1-wx) + v10 wy (1-wx) + v01 (1-wy) wx + v11 wy wx, left to right
//             in float; u8 adds 0.5 and truncates
//   bilinear  s8, s16: the same with weights in 1/1024, divided by 2^20, halves away from zero
//   nearest   any type: `channels` counts bytes
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct ResizeTap {
  std::int32_t low = 0, high = 0;  // the two input indices, both inside
  float weight = 0.0f;             // of `high`, for the float kernels; may leave [0, 1] at edges
  std::int32_t weight_1024 = 0;    // of `high`, in 1/1024, for the integer kernels
};

struct ResizeArgs {
  const void* in = nullptr;
  void* out = nullptr;
  const ResizeTap* rows = nullptr;     // out_height
  const ResizeTap* columns = nullptr;  // out_width
  std::int64_t in_height = 0, in_width = 0, out_height = 0, out_width = 0, channels = 0;
  std::int64_t begin = 0, end = 0;  // the part: image * out_height + row
};

enum class ResizeKind : std::uint8_t { nearest, bilinear };

struct ResizeKernel {
  std::string_view name;
  IsaBits isa = 0;
  ResizeKind kind = ResizeKind::nearest;
  DType dtype = DType::u8;  // nearest: u8 stands for bytes of any type
  void (*run)(const ResizeArgs& args) noexcept = nullptr;
};

std::span<const ResizeKernel> resize_kernels();
// Null when there is none for that type.
const ResizeKernel* select_resize(IsaBits isa, ResizeKind kind, DType dtype);

}  // namespace pinfer
