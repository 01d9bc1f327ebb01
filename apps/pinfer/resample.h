// SPDX-License-Identifier: Apache-2.0
// resample: a part of a picture brought to a size, every source pixel counted (no aliasing).
//
// A triangle filter as wide as the reduction, first along the rows, then along the columns, each
// pass rounded to 8 bits with weights in 1/2^22: what Python's PIL computes for
// `resize(size, BILINEAR, box=...)`, so that accuracies measured there can be reproduced. The
// camera path (apps/pipeline/preprocess.h) looks at four pixels only and is cheaper.
#pragma once

#include "drivers/camera/picture.h"
#include "runtime/core/result.h"

namespace pinfer {

// In pixels of the picture; edges may lie between them.
struct PixelBox {
  float left = 0, top = 0, right = 0, bottom = 0;
};

// Precondition: the box lies in the picture and is not empty; width and height are 1 or more.
Result<Picture> resample(const Picture& picture, const PixelBox& box, int width, int height);

}  // namespace pinfer
