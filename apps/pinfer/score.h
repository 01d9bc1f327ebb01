// SPDX-License-Identifier: Apache-2.0
// Scores of an evaluation: how often a classifier is right, and mAP50 of a detector.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "apps/pipeline/prediction.h"

namespace pinfer {

// Counts of (expected class, best class).
class Classification final {
 public:
  // `values`: one a class; the highest is the answer, the lower index among equals.
  void add(std::int32_t expected, std::span<const float> values);

  [[nodiscard]] std::int64_t examples() const noexcept { return examples_; }
  // Shares, 0..1; 0 without examples.
  [[nodiscard]] double top1() const noexcept { return share(top1_); }
  [[nodiscard]] double top5() const noexcept { return share(top5_); }
  [[nodiscard]] const std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t>& confusion()
      const noexcept {
    return confusion_;
  }

 private:
  [[nodiscard]] double share(std::int64_t count) const noexcept {
    return examples_ == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(examples_);
  }
  std::int64_t examples_ = 0, top1_ = 0, top5_ = 0;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> confusion_;
};

// An object that is in a picture. Detections that lie on a crowd count neither way.
struct TrueBox {
  std::int32_t category = 0;
  Box box;
  bool crowd = false;
};

struct FoundBox {
  std::int32_t category = 0;
  float score = 0;
  Box box;
};

struct CategoryScore {
  std::int32_t category = 0;
  std::int64_t objects = 0, found = 0;  // objects there are; boxes that the model gave
  double average_precision = 0;
};

// Average precision at an overlap of 0.5: within each category detections go by score, each takes
// the free object that it overlaps most; the area under the precision, made falling, over recall.
class Detection final {
 public:
  // One picture.
  void add(std::span<const TrueBox> objects, std::span<const FoundBox> found);

  [[nodiscard]] std::int64_t examples() const noexcept { return pictures_; }
  // Only categories that have objects.
  [[nodiscard]] std::vector<CategoryScore> categories() const;
  // The mean over those.
  [[nodiscard]] double map50() const;

 private:
  struct Judged {
    float score = 0;
    bool right = false;
  };
  struct Category {
    std::int64_t objects = 0, found = 0;
    std::vector<Judged> judged;  // ignored ones left out
  };
  void judge(std::int32_t category, std::span<const TrueBox> objects,
             std::span<const FoundBox> found);

  std::int64_t pictures_ = 0;
  std::map<std::int32_t, Category> categories_;
};

}  // namespace pinfer
