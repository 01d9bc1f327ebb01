// SPDX-License-Identifier: Apache-2.0
// Prediction: what a decoder says about one frame.
#pragma once

#include <cstdint>

#include "runtime/core/fixed_vector.h"

namespace pinfer {

// Corners in fractions of the whole camera picture, 0..1, x to the right, y down.
struct Box {
  float left = 0.0f;
  float top = 0.0f;
  float right = 1.0f;
  float bottom = 1.0f;

  friend bool operator==(const Box&, const Box&) = default;
};

struct Prediction {
  std::int32_t class_id = 0;  // index into the labels
  float score = 0.0f;         // 0..1 for classifiers and detectors; the plain value for `raw`
  Box box;                    // the whole picture where the decoder gives no boxes

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

// Best score first. More than this many are cut: the lowest scores go.
inline constexpr std::size_t kMaxPredictions = 128;
using Predictions = FixedVector<Prediction, kMaxPredictions>;

}  // namespace pinfer
