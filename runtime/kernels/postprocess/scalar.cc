// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "runtime/kernels/postprocess/postprocess.h"

namespace pinfer {
namespace {

float area(const CornerBox& box) { return (box.y_max - box.y_min) * (box.x_max - box.x_min); }

// Intersection over union; 0 for boxes without area.
float overlap(const CornerBox& a, const CornerBox& b) {
  const float area_a = area(a), area_b = area(b);
  if (area_a <= 0 || area_b <= 0) return 0.0f;
  const float height = std::min(a.y_max, b.y_max) - std::max(a.y_min, b.y_min);
  const float width = std::min(a.x_max, b.x_max) - std::max(a.x_min, b.x_min);
  const float common = std::max(height, 0.0f) * std::max(width, 0.0f);
  return common / (area_a + area_b - common);
}

// Writes the boxes that survive to scratch.kept, best first; returns how many, at most `limit`.
// A heap gives the candidates in order: mostly few of them are looked at.
std::int32_t suppress(const DetectArgs& args, const float* scores, std::int32_t limit) {
  std::int32_t* heap = args.scratch.order;
  std::int32_t* end = heap;
  for (std::int32_t i = 0; i < args.box_count; ++i)
    if (scores[i] >= args.score_threshold) *end++ = i;
  // No NaN passes the threshold, so this is a strict order; by index among equals.
  const auto worse = [&](std::int32_t a, std::int32_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a > b;
  };
  std::make_heap(heap, end, worse);
  std::int32_t kept = 0;
  while (heap != end && kept < limit) {
    std::pop_heap(heap, end--, worse);
    const CornerBox& box = args.boxes[*end];
    const std::int32_t* better = args.scratch.kept;
    if (std::none_of(better, better + kept, [&](std::int32_t other) {
          return overlap(args.boxes[other], box) > args.iou_threshold;
        }))
      args.scratch.kept[kept++] = *end;
  }
  return kept;
}

// The scores of one box, from its first label on.
const float* scores_of(const DetectArgs& args, std::int32_t box) {
  const std::int64_t at = static_cast<std::int64_t>(box) * args.score_stride + args.label_offset;
  if (args.scores != nullptr) return args.scores + at;
  for (std::int32_t i = 0; i < args.classes; ++i)
    args.scratch.row[i] = args.score_values[args.score_bytes[at + i]];
  return args.scratch.row;
}

// The best score of one box.
float best_of(const DetectArgs& args, std::int32_t box) {
  if (args.scores != nullptr) {
    const float* scores = scores_of(args, box);
    return *std::max_element(scores, scores + args.classes);
  }
  const std::uint8_t* bytes =
      args.score_bytes + args.label_offset + static_cast<std::int64_t>(box) * args.score_stride;
  std::uint8_t best = 0;
  for (std::int32_t i = 0; i < args.classes; ++i) {
    const auto value = static_cast<std::uint8_t>(bytes[i] ^ args.score_flip);
    best = best < value ? value : best;
  }
  return args.score_values[best ^ args.score_flip];
}

// The scores of all boxes for one label.
void gather_label(const DetectArgs& args, std::int32_t label) {
  std::int64_t at = label + args.label_offset;
  for (std::int32_t i = 0; i < args.box_count; ++i, at += args.score_stride)
    args.scratch.scores[i] =
        args.scores != nullptr ? args.scores[at] : args.score_values[args.score_bytes[at]];
}

// Merges best[0, first) with best[first, first + more), both sorted, and keeps max_detections.
std::int32_t merge(const DetectArgs& args, std::int32_t first, std::int32_t more) {
  RankedBox* best = args.scratch.best;
  RankedBox* merged = args.scratch.merged;
  const std::int32_t total = std::min(first + more, args.max_detections);
  std::int32_t a = 0, b = first;
  for (std::int32_t i = 0; i < total; ++i) {
    // The earlier run goes first among equals.
    const bool take_a = a < first && (b >= first + more || !(best[b].score > best[a].score));
    merged[i] = best[take_a ? a++ : b++];
  }
  std::copy(merged, merged + total, best);
  return total;
}

void write(const DetectArgs& args, std::int32_t at, const RankedBox& ranked) {
  args.out_boxes[at] = args.boxes[ranked.box];
  args.out_labels[at] = static_cast<float>(ranked.label);
  args.out_scores[at] = ranked.score;
}

void clear(const DetectArgs& args, std::int32_t from, std::int32_t to) {
  for (std::int32_t i = from; i < to; ++i) {
    args.out_boxes[i] = CornerBox{};
    args.out_labels[i] = 0.0f;
    args.out_scores[i] = 0.0f;
  }
}

}  // namespace

void regular_nms_f32__scalar(const DetectArgs& args) noexcept {
  const std::int32_t limit = std::min(args.detections_per_class, args.max_detections);
  std::int32_t count = 0;
  for (std::int32_t label = 0; label < args.classes; ++label) {
    gather_label(args, label);
    const std::int32_t kept = suppress(args, args.scratch.scores, limit);
    for (std::int32_t i = 0; i < kept; ++i) {
      const std::int32_t box = args.scratch.kept[i];
      args.scratch.best[count + i] = {box, label, args.scratch.scores[box]};
    }
    count = merge(args, count, kept);
  }
  for (std::int32_t i = 0; i < count; ++i) write(args, i, args.scratch.best[i]);
  clear(args, count, args.max_detections * args.classes_per_detection);
  *args.out_count = static_cast<float>(count);
}

void fast_nms_f32__scalar(const DetectArgs& args) noexcept {
  for (std::int32_t i = 0; i < args.box_count; ++i) args.scratch.scores[i] = best_of(args, i);
  const std::int32_t kept = suppress(args, args.scratch.scores, args.max_detections);
  const std::int32_t wanted = std::min(args.classes_per_detection, args.classes);
  clear(args, 0, args.max_detections * args.classes_per_detection);
  for (std::int32_t i = 0; i < kept; ++i) {
    const std::int32_t box = args.scratch.kept[i];
    const float* scores = scores_of(args, box);
    std::int32_t* labels = args.scratch.order;
    if (wanted == 1) {
      labels[0] =
          static_cast<std::int32_t>(std::max_element(scores, scores + args.classes) - scores);
    } else {
      std::iota(labels, labels + args.classes, 0);
      // The same algorithm as the reference, whose order among equal scores is that of this heap.
      std::partial_sort(labels, labels + wanted, labels + args.classes,
                        [&](std::int32_t a, std::int32_t b) { return scores[a] > scores[b]; });
    }
    for (std::int32_t k = 0; k < wanted; ++k)
      write(args, i * args.classes_per_detection + k, {box, labels[k], scores[labels[k]]});
  }
  *args.out_count = static_cast<float>(kept);
}

}  // namespace pinfer
