// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/score.h"

#include <algorithm>
#include <set>

namespace pinfer {
namespace {

float area(const Box& box) {
  return std::max(0.0f, box.right - box.left) * std::max(0.0f, box.bottom - box.top);
}

// Intersection over union; over the detection alone for a crowd, which has no single outline.
float overlap(const Box& found, const TrueBox& object) {
  const Box common{std::max(found.left, object.box.left), std::max(found.top, object.box.top),
                   std::min(found.right, object.box.right),
                   std::min(found.bottom, object.box.bottom)};
  const float both = area(common);
  const float all = object.crowd ? area(found) : area(found) + area(object.box) - both;
  return all <= 0.0f ? 0.0f : both / all;
}

constexpr float kMinOverlap = 0.5f;

// The object that a detection takes: the best free one, else a crowd it lies on; -1: none.
std::ptrdiff_t match(const Box& found, std::span<const TrueBox> objects,
                     const std::vector<bool>& taken) {
  for (const bool crowd : {false, true}) {
    std::ptrdiff_t best = -1;
    float most = kMinOverlap;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      if (objects[i].crowd != crowd || (!crowd && taken[i])) continue;
      const float now = overlap(found, objects[i]);
      if (now < most) continue;
      most = now;
      best = static_cast<std::ptrdiff_t>(i);
    }
    if (best >= 0) return best;
  }
  return -1;
}

}  // namespace

void Classification::add(std::int32_t expected, std::span<const float> values) {
  std::int64_t better = 0;
  std::size_t best = 0;
  const auto at = static_cast<std::size_t>(expected);
  const bool known = expected >= 0 && at < values.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > values[best]) best = i;
    if (known && (values[i] > values[at] || (values[i] == values[at] && i < at))) ++better;
  }
  ++examples_;
  if (known && better < 1) ++top1_;
  if (known && better < 5) ++top5_;
  ++confusion_[{expected, static_cast<std::int32_t>(best)}];
}

void Detection::judge(std::int32_t category, std::span<const TrueBox> objects,
                      std::span<const FoundBox> found) {
  Category& scores = categories_[category];
  scores.found += static_cast<std::int64_t>(found.size());
  std::vector<bool> taken(objects.size());
  for (const TrueBox& object : objects)
    if (!object.crowd) ++scores.objects;
  for (const FoundBox& box : found) {
    const std::ptrdiff_t object = match(box.box, objects, taken);
    if (object >= 0 && objects[static_cast<std::size_t>(object)].crowd) continue;
    if (object >= 0) taken[static_cast<std::size_t>(object)] = true;
    scores.judged.push_back({box.score, object >= 0});
  }
}

void Detection::add(std::span<const TrueBox> objects, std::span<const FoundBox> found) {
  ++pictures_;
  std::set<std::int32_t> present;
  for (const TrueBox& object : objects) present.insert(object.category);
  for (const FoundBox& box : found) present.insert(box.category);
  for (const std::int32_t category : present) {
    std::vector<TrueBox> mine;
    std::vector<FoundBox> theirs;
    for (const TrueBox& object : objects)
      if (object.category == category) mine.push_back(object);
    for (const FoundBox& box : found)
      if (box.category == category) theirs.push_back(box);
    std::stable_sort(theirs.begin(), theirs.end(),
                     [](const FoundBox& a, const FoundBox& b) { return a.score > b.score; });
    judge(category, mine, theirs);
  }
}

std::vector<CategoryScore> Detection::categories() const {
  std::vector<CategoryScore> result;
  for (const auto& [number, category] : categories_) {
    if (category.objects == 0) continue;
    auto judged = category.judged;
    std::stable_sort(judged.begin(), judged.end(),
                     [](const Judged& a, const Judged& b) { return a.score > b.score; });
    std::vector<double> recall, precision;
    std::int64_t right = 0;
    for (std::size_t i = 0; i < judged.size(); ++i) {
      right += judged[i].right ? 1 : 0;
      recall.push_back(static_cast<double>(right) / static_cast<double>(category.objects));
      precision.push_back(static_cast<double>(right) / static_cast<double>(i + 1));
    }
    for (std::size_t i = precision.size(); i-- > 1;)
      precision[i - 1] = std::max(precision[i - 1], precision[i]);
    double sum = 0, before = 0;
    for (std::size_t i = 0; i < precision.size(); ++i) {
      sum += (recall[i] - before) * precision[i];
      before = recall[i];
    }
    result.push_back({number, category.objects, category.found, sum});
  }
  return result;
}

double Detection::map50() const {
  const auto scores = categories();
  double sum = 0;
  for (const CategoryScore& score : scores) sum += score.average_precision;
  return scores.empty() ? 0.0 : sum / static_cast<double>(scores.size());
}

}  // namespace pinfer
