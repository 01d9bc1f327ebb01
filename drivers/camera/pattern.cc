// SPDX-License-Identifier: Apache-2.0
// pattern: pictures made by arithmetic; the same frame number always gives the same picture.
#include <array>
#include <string_view>

#include "drivers/camera/frame_clock.h"
#include "drivers/camera/sources.h"
#include "runtime/core/aligned_buffer.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

struct Canvas {
  std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;

  void put(int x, int y, std::uint8_t blue, std::uint8_t green, std::uint8_t red) const noexcept {
    std::uint8_t* pixel = data + (static_cast<std::ptrdiff_t>(y) * width + x) * 3;
    pixel[0] = blue;
    pixel[1] = green;
    pixel[2] = red;
  }
};

// Eight colour bars that walk to the left, two pixels a frame.
void draw_bars(const Canvas& canvas, std::uint64_t frame) noexcept {
  constexpr std::uint8_t kBars[8][3] = {{235, 235, 235}, {16, 235, 235}, {235, 235, 16},
                                        {16, 235, 16},   {235, 16, 235}, {16, 16, 235},
                                        {235, 16, 16},   {16, 16, 16}};
  const auto shift = static_cast<int>(frame * 2 % static_cast<std::uint64_t>(canvas.width));
  for (int y = 0; y < canvas.height; ++y) {
    for (int x = 0; x < canvas.width; ++x) {
      const auto& bar = kBars[(x + shift) % canvas.width * 8 / canvas.width];
      canvas.put(x, y, bar[0], bar[1], bar[2]);
    }
  }
}

// A triangle wave 0..range: there and back.
int bounce(std::uint64_t step, int range) noexcept {
  if (range <= 0) return 0;
  const auto period = 2 * static_cast<std::uint64_t>(range);
  const std::uint64_t at = step % period;
  return static_cast<int>(at <= period / 2 ? at : period - at);
}

// A white disc on a dark slope, bouncing off the edges.
void draw_ball(const Canvas& canvas, std::uint64_t frame) noexcept {
  const int radius = std::max(1, std::min(canvas.width, canvas.height) / 6);
  const int center_x = radius + bounce(frame * 3, canvas.width - 2 * radius - 1);
  const int center_y = radius + bounce(frame * 2, canvas.height - 2 * radius - 1);
  for (int y = 0; y < canvas.height; ++y) {
    for (int x = 0; x < canvas.width; ++x) {
      const int dx = x - center_x;
      const int dy = y - center_y;
      const auto slope = static_cast<std::uint8_t>(x * 64 / canvas.width);
      if (dx * dx + dy * dy <= radius * radius)
        canvas.put(x, y, 240, 240, 240);
      else
        canvas.put(x, y, slope, 24, 24);
    }
  }
}

// A second of white, a second of black (at 30 frames a second).
void draw_blink(const Canvas& canvas, std::uint64_t frame) noexcept {
  const std::uint8_t level = frame / 30 % 2 == 0 ? 235 : 16;
  for (int y = 0; y < canvas.height; ++y)
    for (int x = 0; x < canvas.width; ++x) canvas.put(x, y, level, level, level);
}

struct Pattern {
  std::string_view name;
  void (*draw)(const Canvas& canvas, std::uint64_t frame) noexcept;
};
constexpr std::array kPatterns = {Pattern{"bars", draw_bars}, Pattern{"ball", draw_ball},
                                  Pattern{"blink", draw_blink}};

class PatternSource final : public FrameSource {
 public:
  PatternSource(const Pattern& pattern, FrameClock clock, int width, int height,
                AlignedBuffer pixels)
      : pattern_(pattern),
        clock_(clock),
        width_(width),
        height_(height),
        pixels_(std::move(pixels)),
        description_(
            fmt::format("pattern {} {}x{} {} fps", pattern.name, width, height, clock.fps())) {}

  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    const std::uint64_t n = clock_.newest_due(next_);
    if (const Status status = clock_.wait_for(n, deadline); status != Status::ok) return status;
    auto* data = reinterpret_cast<std::uint8_t*>(pixels_.data());
    pattern_.draw({data, width_, height_}, n);
    frame = {.data = data,
             .width = width_,
             .height = height_,
             .stride = static_cast<std::size_t>(width_) * 3,
             .format = PixelFormat::bgr8,
             .sequence = n,
             .captured_at = clock_.time_of(n)};
    next_ = n + 1;
    return Status::ok;
  }
  [[nodiscard]] bool is_replay() const noexcept override { return !clock_.realtime(); }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  Pattern pattern_;
  FrameClock clock_;
  int width_;
  int height_;
  AlignedBuffer pixels_;
  std::uint64_t next_ = 0;
  std::string description_;
};

Result<std::unique_ptr<FrameSource>> create_pattern(const SourceAddress& address,
                                                    const SourceSpec& spec) {
  const std::string_view name =
      address.location.empty() ? kPatterns[0].name : std::string_view(address.location);
  std::vector<std::string_view> names;
  for (const Pattern& pattern : kPatterns) {
    names.push_back(pattern.name);
    if (pattern.name != name) continue;
    const int width = spec.width > 0 ? spec.width : 320;
    const int height = spec.height > 0 ? spec.height : 240;
    PINFER_TRY(AlignedBuffer pixels, AlignedBuffer::create(static_cast<std::size_t>(width) *
                                                           static_cast<std::size_t>(height) * 3));
    const FrameClock clock(spec.fps > 0 ? spec.fps : 30.0, spec.realtime);
    return std::make_unique<PatternSource>(pattern, clock, width, height, std::move(pixels));
  }
  const auto guess = nearest(name, names);
  return fail(ErrorCode::invalid_argument, "pattern:{}: there are bars, ball and blink{}", name,
              guess ? fmt::format(" (did you mean {}?)", *guess) : "");
}

}  // namespace

extern const CameraSource pattern_source;
const CameraSource pattern_source = {
    .kind = SourceKind::pattern,
    .name = "pattern",
    .summary = "pattern:bars, pattern:ball, pattern:blink - a test picture that moves",
    .create = create_pattern};

}  // namespace pinfer
