// SPDX-License-Identifier: Apache-2.0
// Frame (one picture with its time) and FrameSource (where pictures come from).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/core/clock.h"
#include "runtime/core/status.h"

namespace pinfer {

enum class PixelFormat : std::uint8_t { bgr8, rgb8, gray8 };

constexpr int bytes_per_pixel(PixelFormat format) noexcept {
  return format == PixelFormat::gray8 ? 1 : 3;
}

// A view of one picture; the source owns the bytes and keeps them until its next call of next().
struct Frame {
  const std::uint8_t* data = nullptr;  // rows top to bottom, `stride` bytes apart
  int width = 0;                       // pixels
  int height = 0;                      // pixels
  std::size_t stride = 0;              // bytes, >= width * bytes_per_pixel(format)
  PixelFormat format = PixelFormat::bgr8;
  std::uint64_t sequence = 0;  // counts up by one a frame; gaps are frames dropped
  MonotonicTime captured_at;   // live: CLOCK_MONOTONIC; replay: from the clip's frame times
  Duration still_for{};  // the picture has been this one, bit for bit, for so long; by Capture
};

// What must stay the same from frame to frame for prepared tables to fit.
struct FrameGeometry {
  int width = 0;
  int height = 0;
  PixelFormat format = PixelFormat::bgr8;

  friend bool operator==(const FrameGeometry&, const FrameGeometry&) = default;
};

constexpr FrameGeometry geometry_of(const Frame& frame) noexcept {
  return {frame.width, frame.height, frame.format};
}

// One camera, clip, folder or generator. Not thread safe: one thread calls next().
class FrameSource {
 public:
  FrameSource() = default;
  FrameSource(const FrameSource&) = delete;
  FrameSource& operator=(const FrameSource&) = delete;
  virtual ~FrameSource() = default;

  // The newest frame not yet given out. ok: `frame` is set. timeout: nothing came before
  // `deadline`. end: a clip or folder is over. backend_fault: the device is gone; the owner reopens
  // it.
  [[nodiscard]] virtual Status next(Frame& frame, MonotonicTime deadline) noexcept = 0;

  // True when time comes from the frames (a clip): nothing is dropped, and a replay is repeatable.
  [[nodiscard]] virtual bool is_replay() const noexcept = 0;

  // What it is, for logs: "file clip.mp4 320x240 30 fps".
  [[nodiscard]] virtual std::string_view description() const noexcept = 0;
};

}  // namespace pinfer
