// SPDX-License-Identifier: Apache-2.0
// Image health: what a picture says about its camera, before any network looks at it.
//
// - One pass over at most 128x96 points, with tables made at set-up: no allocation, and about the
//   same cost for every picture size.
// - Values, for people and rules of thumb; thresholds turn them into causes of the safe level.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "apps/guard/client.h"
#include "apps/pipeline/config.h"
#include "drivers/camera/frame_source.h"

namespace pinfer {

// All 0..1.
struct ImageHealth {
  float brightness = 0.0f;  // mean of the picture: 0 black, 1 white
  float sharpness = 0.0f;   // root mean square of the step from one pixel to its neighbour
  float change = 0.0f;      // 0: the reference view; 1: nothing in common with it
  bool measured = false;

  friend bool operator==(const ImageHealth&, const ImageHealth&) = default;
};

// What a picture looks like from far away: means of cells, freed of brightness and contrast.
struct View {
  static constexpr int kColumns = 32;
  static constexpr int kRows = 24;

  std::array<float, kColumns * kRows> cells{};  // mean 0, length 1; all 0: a flat picture
  bool known = false;
};

// 0: the same up to brightness and contrast; 1: nothing in common. Two flat pictures: 0.
float change_between(const View& a, const View& b) noexcept;

class ImageMeter final {
 public:
  // For pictures of this geometry; allocates.
  explicit ImageMeter(const FrameGeometry& geometry);

  // Brightness and sharpness of `frame`, which has the meter's geometry; view() is its view then.
  ImageHealth measure(const Frame& frame) noexcept;
  [[nodiscard]] const View& view() const noexcept { return view_; }

 private:
  template <int kChannels>
  void scan(const Frame& frame, double& sum, double& steps) noexcept;
  void make_view() noexcept;

  FrameGeometry geometry_;
  std::vector<int> columns_, rows_;          // of the points, in pixels
  std::vector<std::uint16_t> column_cells_;  // of each point's column
  std::vector<std::uint16_t> row_cells_;     // of each point's row, times kColumns
  std::array<float, View::kColumns * View::kRows> sums_{};
  std::array<float, View::kColumns * View::kRows> weights_{};  // 1 / points in the cell; 0: none
  View view_;
};

// Turns values into causes. Knows the reference view: a picture of the configuration, or the first
// healthy pictures.
class HealthJudge final {
 public:
  HealthJudge() = default;
  HealthJudge(const HealthConfig& config, const View& reference)
      : config_(config), reference_(reference) {}

  // Why no frame like this may decide; nothing: it may. `still_for`: how long the picture has been
  // the same, bit for bit. Fills in health.change.
  std::optional<Cause> judge(ImageHealth& health, const View& view, Duration still_for,
                             MonotonicTime captured_at) noexcept;
  // True from the moment the view has differed from the reference for some seconds, until it is
  // back.
  [[nodiscard]] bool moved() const noexcept { return moved_; }

  // After a reload the view learnt so far stays good, unless there is a picture now.
  void adopt_state_from(const HealthJudge& old) noexcept;

 private:
  [[nodiscard]] std::optional<Cause> find_cause(const ImageHealth& health,
                                                Duration still_for) const noexcept;
  void learn(const View& view) noexcept;
  void note_change(float change, MonotonicTime captured_at) noexcept;

  HealthConfig config_;
  View reference_;
  int learnt_ = 0;  // healthy pictures in `learning_`
  View learning_;
  std::optional<Cause> cause_;  // of the last picture: leaving a cause takes more than entering it
  MonotonicTime changed_at_;    // of the last picture judged for its change
  float slow_change_ = 0.0f;    // over some seconds: people walk through a view
  bool moved_ = false;
};

}  // namespace pinfer
