// SPDX-License-Identifier: Apache-2.0
// postprocess: from boxes and class scores to the few detections that do not overlap
// (non-maximum suppression, NMS).
//
// - regular: NMS in each class by itself, then the best `max_detections` over all classes; equal
//   scores keep the order class, then score, then box.
// - fast: NMS once, over the best score of each box; each kept box reports its best
//   `classes_per_detection` classes.
// A box is kept when its score >= score_threshold and its overlap with no better kept box is above
// iou_threshold. Boxes with equal scores go in the order of their index.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/cpu/isa.h"

namespace pinfer {

struct CornerBox {
  float y_min = 0, x_min = 0, y_max = 0, x_max = 0;
};

struct RankedBox {
  std::int32_t box = 0, label = 0;
  float score = 0;
};

// Working memory; `boxes` as in DetectArgs.
struct DetectScratch {
  float* scores = nullptr;        // boxes
  float* row = nullptr;           // classes; for scores in bytes
  std::int32_t* order = nullptr;  // max(boxes, classes)
  std::int32_t* kept = nullptr;   // max_detections
  RankedBox* best = nullptr;      // 2 * max_detections
  RankedBox* merged = nullptr;    // max_detections
};

// Outputs have max_detections * classes_per_detection entries; those without a detection are zero.
struct DetectArgs {
  const CornerBox* boxes = nullptr;
  // [box_count][score_stride], the first label at label_offset: numbers, or bytes and the 256
  // numbers that they stand for, which grow with byte ^ score_flip.
  const float* scores = nullptr;
  const std::uint8_t* score_bytes = nullptr;
  const float* score_values = nullptr;
  std::uint8_t score_flip = 0;
  std::int32_t box_count = 0, classes = 0, score_stride = 0, label_offset = 0;
  std::int32_t max_detections = 0, classes_per_detection = 1, detections_per_class = 0;
  float score_threshold = 0, iou_threshold = 0;
  DetectScratch scratch;
  CornerBox* out_boxes = nullptr;
  float* out_labels = nullptr;
  float* out_scores = nullptr;
  float* out_count = nullptr;
};

struct DetectKernel {
  std::string_view name;
  IsaBits isa = 0;
  void (*regular)(const DetectArgs& args) noexcept = nullptr;
  void (*fast)(const DetectArgs& args) noexcept = nullptr;
};

std::span<const DetectKernel> detect_kernels();
const DetectKernel& select_detect(IsaBits isa);

}  // namespace pinfer
