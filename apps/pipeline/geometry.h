// SPDX-License-Identifier: Apache-2.0
// InputGeometry: where the model's input lies on the camera picture.
#pragma once

#include <algorithm>

#include "apps/pipeline/prediction.h"

namespace pinfer {

// picture = offset + scale * input, both in fractions 0..1. Stretch: the identity. Crop: scale < 1.
// Letterbox: scale > 1 and offset < 0 on the padded axis.
struct InputGeometry {
  float offset_x = 0.0f;
  float offset_y = 0.0f;
  float scale_x = 1.0f;
  float scale_y = 1.0f;

  // A box of the model, in fractions of its input, as a box of the picture, cut at its edges.
  [[nodiscard]] Box to_picture(const Box& box) const noexcept {
    const auto x = [this](float v) { return std::clamp(offset_x + scale_x * v, 0.0f, 1.0f); };
    const auto y = [this](float v) { return std::clamp(offset_y + scale_y * v, 0.0f, 1.0f); };
    return {x(box.left), y(box.top), x(box.right), y(box.bottom)};
  }
  friend bool operator==(const InputGeometry&, const InputGeometry&) = default;
};

}  // namespace pinfer
