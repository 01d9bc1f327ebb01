// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/image_health.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace pinfer {
namespace {

constexpr int kPointColumns = 4 * View::kColumns;
constexpr int kPointRows = 4 * View::kRows;
// Cells this much alike, in steps of a byte, are a flat picture: noise has no view.
constexpr double kFlat = 1.0;
constexpr int kLearningPictures = 30;
constexpr double kSlowSeconds = 5.0;
// A picture leaves a cause only this much beyond its threshold.
constexpr float kHysteresis = 1.25f;

// Green counts twice, as it does in luma; exact enough to tell black from white.
template <int kChannels>
int luma(const std::uint8_t* pixel) noexcept {
  if constexpr (kChannels == 1) return pixel[0];
  return (pixel[0] + 2 * pixel[1] + pixel[2] + 2) / 4;
}

std::vector<int> spread(int points, int size) {
  std::vector<int> places(static_cast<std::size_t>(points));
  for (int i = 0; i < points; ++i)
    places[static_cast<std::size_t>(i)] = static_cast<int>((2LL * i + 1) * size / (2LL * points));
  return places;
}

// Mean 0 and length 1, or all 0.
void normalise(View& view, std::span<const float> weights) noexcept {
  double sum = 0.0;
  double squares = 0.0;
  int count = 0;
  for (std::size_t i = 0; i < view.cells.size(); ++i) {
    if (weights[i] == 0.0f) continue;
    const double value = static_cast<double>(view.cells[i]);
    sum += value;
    squares += value * value;
    ++count;
  }
  const double mean = count > 0 ? sum / count : 0.0;
  const double length = std::sqrt(std::max(0.0, squares - sum * mean));
  const bool flat = count < 2 || length * length < kFlat * count;
  for (std::size_t i = 0; i < view.cells.size(); ++i)
    view.cells[i] = flat || weights[i] == 0.0f
                        ? 0.0f
                        : static_cast<float>((static_cast<double>(view.cells[i]) - mean) / length);
}

double dot(const View& a, const View& b) noexcept {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.cells.size(); ++i)
    sum += static_cast<double>(a.cells[i]) * static_cast<double>(b.cells[i]);
  return sum;
}

}  // namespace

float change_between(const View& a, const View& b) noexcept {
  const bool a_flat = dot(a, a) < 0.5;
  const bool b_flat = dot(b, b) < 0.5;
  if (a_flat && b_flat) return 0.0f;
  return static_cast<float>(1.0 - std::clamp(dot(a, b), 0.0, 1.0));
}

ImageMeter::ImageMeter(const FrameGeometry& geometry)
    : geometry_(geometry),
      columns_(spread(std::min(kPointColumns, geometry.width), geometry.width)),
      rows_(spread(std::min(kPointRows, geometry.height), geometry.height)) {
  const auto cell = [](std::size_t i, std::size_t points, int cells) {
    return static_cast<std::uint16_t>(i * static_cast<std::size_t>(cells) / points);
  };
  for (std::size_t i = 0; i < columns_.size(); ++i)
    column_cells_.push_back(cell(i, columns_.size(), View::kColumns));
  for (std::size_t i = 0; i < rows_.size(); ++i)
    row_cells_.push_back(
        static_cast<std::uint16_t>(cell(i, rows_.size(), View::kRows) * View::kColumns));
  for (const std::uint16_t row : row_cells_)
    for (const std::uint16_t column : column_cells_) weights_[row + column] += 1.0f;
  for (float& weight : weights_)
    if (weight > 0.0f) weight = 1.0f / weight;
}

template <int kChannels>
void ImageMeter::scan(const Frame& frame, double& sum, double& steps) noexcept {
  const int last = frame.width - 1;
  for (std::size_t y = 0; y < rows_.size(); ++y) {
    const std::uint8_t* row = frame.data + static_cast<std::size_t>(rows_[y]) * frame.stride;
    float* cells = sums_.data() + row_cells_[y];
    std::int64_t row_sum = 0;
    std::int64_t row_steps = 0;
    for (std::size_t x = 0; x < columns_.size(); ++x) {
      const int column = columns_[x];
      const int here = luma<kChannels>(row + column * kChannels);
      const int neighbour = column < last ? column + 1 : std::max(0, column - 1);
      const int step = luma<kChannels>(row + neighbour * kChannels) - here;
      cells[column_cells_[x]] += static_cast<float>(here);
      row_sum += here;
      row_steps += step * step;
    }
    sum += static_cast<double>(row_sum);
    steps += static_cast<double>(row_steps);
  }
}

ImageHealth ImageMeter::measure(const Frame& frame) noexcept {
  if (geometry_of(frame) != geometry_ || rows_.empty() || columns_.empty()) return {};
  double sum = 0.0;
  double steps = 0.0;
  sums_.fill(0.0f);
  if (frame.format == PixelFormat::gray8)
    scan<1>(frame, sum, steps);
  else
    scan<3>(frame, sum, steps);
  make_view();
  const double points = static_cast<double>(rows_.size()) * static_cast<double>(columns_.size());
  ImageHealth health;
  health.brightness = static_cast<float>(sum / points / 255.0);
  health.sharpness = static_cast<float>(std::sqrt(steps / points) / 255.0);
  health.measured = true;
  return health;
}

void ImageMeter::make_view() noexcept {
  for (std::size_t i = 0; i < sums_.size(); ++i) view_.cells[i] = sums_[i] * weights_[i];
  normalise(view_, weights_);
  view_.known = true;
}

std::optional<Cause> HealthJudge::find_cause(const ImageHealth& health,
                                             Duration still_for) const noexcept {
  const float black =
      cause_ == Cause::black ? kHysteresis * config_.black_below : config_.black_below;
  if (health.brightness < black) return Cause::black;
  const float room = 1.0f - config_.overexposed_above;
  const float white = cause_ == Cause::overexposed ? kHysteresis * room : room;
  if (room > 0.0f && 1.0f - health.brightness < white) return Cause::overexposed;
  if (config_.frozen_after > Duration::zero() && still_for >= config_.frozen_after)
    return Cause::frozen;
  return std::nullopt;
}

std::optional<Cause> HealthJudge::judge(ImageHealth& health, const View& view, Duration still_for,
                                        MonotonicTime captured_at) noexcept {
  if (!health.measured) return std::nullopt;
  cause_ = find_cause(health, still_for);
  if (cause_) return cause_;
  if (!reference_.known) {
    learn(view);
  } else {
    health.change = change_between(reference_, view);
    note_change(health.change, captured_at);
  }
  return std::nullopt;
}

// The mean of the first pictures: the exposure settles, somebody walks away.
void HealthJudge::learn(const View& view) noexcept {
  for (std::size_t i = 0; i < view.cells.size(); ++i) learning_.cells[i] += view.cells[i];
  if (++learnt_ < kLearningPictures) return;
  reference_ = learning_;
  const double length = std::sqrt(dot(reference_, reference_));
  for (float& cell : reference_.cells)
    cell = length < 1.0 ? 0.0f : static_cast<float>(static_cast<double>(cell) / length);
  reference_.known = true;
}

void HealthJudge::note_change(float change, MonotonicTime captured_at) noexcept {
  constexpr Duration kLongestStep = std::chrono::seconds(1);
  const Duration step = std::clamp(captured_at - changed_at_, Duration::zero(), kLongestStep);
  changed_at_ = captured_at;
  const double seconds = to_ms(step) / 1000.0;
  const auto weight = static_cast<float>(seconds / (seconds + kSlowSeconds));
  slow_change_ += weight * (change - slow_change_);
  if (config_.moved_above <= 0.0f) {
    moved_ = false;
  } else {
    moved_ = slow_change_ > (moved_ ? config_.moved_above / kHysteresis : config_.moved_above);
  }
}

void HealthJudge::adopt_state_from(const HealthJudge& old) noexcept {
  cause_ = old.cause_;
  if (config_.reference != old.config_.reference) return;
  changed_at_ = old.changed_at_;
  slow_change_ = old.slow_change_;
  moved_ = old.moved_;
  if (!config_.reference.empty()) return;
  reference_ = old.reference_;
  learning_ = old.learning_;
  learnt_ = old.learnt_;
}

}  // namespace pinfer
