// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace pinfer {
namespace {

constexpr int kColumns = 48;  // of the picture; one character is one pixel wide and two high
constexpr int kRows = 18;
constexpr std::size_t kShownPredictions = 3;
constexpr int kBarLength = 20;
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kToLineEnd = "\x1b[K\r\n";
constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kUpperHalf = "\u2580";
constexpr std::string_view kFullBlock = "\u2588";
constexpr std::string_view kLampOn = "\u25cf";
constexpr std::string_view kLampOff = "\u25cb";
constexpr std::array<std::string_view, 5> kShades = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};

struct Rgb {
  int r = 0, g = 0, b = 0;
};

// The mean of the pixels that one cell of a columns x rows grid covers.
Rgb cell(const Frame& frame, int column, int row, int rows) {
  const int x0 = column * frame.width / kColumns;
  const int x1 = std::max(x0 + 1, (column + 1) * frame.width / kColumns);
  const int y0 = row * frame.height / rows;
  const int y1 = std::max(y0 + 1, (row + 1) * frame.height / rows);
  const int depth = bytes_per_pixel(frame.format);
  std::array<int, 3> sum{};
  for (int y = y0; y < y1; ++y) {
    const std::uint8_t* pixel = frame.data + static_cast<std::size_t>(y) * frame.stride +
                                static_cast<std::size_t>(x0 * depth);
    for (int x = x0; x < x1; ++x, pixel += depth) {
      for (std::size_t c = 0; c < 3; ++c) sum[c] += pixel[depth == 1 ? 0 : c];
    }
  }
  const int count = (x1 - x0) * (y1 - y0);
  if (frame.format == PixelFormat::bgr8) std::swap(sum[0], sum[2]);
  return {sum[0] / count, sum[1] / count, sum[2] / count};
}

bool drawable(const Frame& frame) {
  return frame.data != nullptr && frame.width >= kColumns && frame.height >= 2 * kRows;
}

std::string picture_line(const Frame& frame, int row, bool color) {
  if (!drawable(frame)) return std::string(kColumns, ' ');
  std::string line;
  for (int column = 0; column < kColumns; ++column) {
    if (color) {
      const Rgb upper = cell(frame, column, 2 * row, 2 * kRows);
      const Rgb lower = cell(frame, column, 2 * row + 1, 2 * kRows);
      line += fmt::format("\x1b[38;2;{};{};{}m\x1b[48;2;{};{};{}m{}", upper.r, upper.g, upper.b,
                          lower.r, lower.g, lower.b, kUpperHalf);
    } else {
      const Rgb whole = cell(frame, column, row, kRows);
      const auto shade = static_cast<std::size_t>((whole.r + whole.g + whole.b) / 3) * 5 / 256;
      line += kShades[shade];
    }
  }
  if (color) line += kPlain;
  return line;
}

std::string prediction_line(const ScoredLabel& prediction) {
  const float score = std::clamp(prediction.score, 0.0f, 1.0f);
  std::string bar;
  for (long i = std::lround(score * kBarLength); i > 0; --i) bar += kFullBlock;
  return fmt::format("{:<8} {:>4.0f} % {}", prediction.label, score * 100.0f, bar);
}

std::string lamp_line(const Lamp& lamp, bool color) {
  const std::string_view paint = !color ? "" : lamp.active ? "\x1b[1;32m" : "\x1b[2m";
  return fmt::format("{}{} {:<12} {:<3}{} {:>4} edges", paint, lamp.active ? kLampOn : kLampOff,
                     lamp.name, lamp.active ? "on" : "off", color ? kPlain : "", lamp.edges);
}

std::vector<std::string> text_lines(const Moment& moment, bool color) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kShownPredictions; ++i)
    lines.push_back(i < moment.predictions.size() ? prediction_line(moment.predictions[i]) : "");
  lines.emplace_back();
  for (const Lamp& lamp : moment.lamps) lines.push_back(lamp_line(lamp, color));
  lines.emplace_back();
  lines.push_back(fmt::format("inference        {:6.2f} ms", to_ms(moment.inference)));
  lines.push_back(moment.capture_to_edge > Duration{}
                      ? fmt::format("capture to edge  {:6.2f} ms", to_ms(moment.capture_to_edge))
                      : std::string("capture to edge       -"));
  lines.push_back(fmt::format("{:.1f} s, {} frames, {} dropped", to_ms(moment.elapsed) / 1000.0,
                              moment.frames, moment.dropped));
  return lines;
}

}  // namespace

std::string draw_screen(const Moment& moment, bool color) {
  const std::vector<std::string> lines = text_lines(moment, color);
  std::string screen(kHome);
  for (int row = 0; row < kRows; ++row) {
    const auto line = static_cast<std::size_t>(row);
    screen += picture_line(moment.picture, row, color);
    screen += "  ";
    if (line < lines.size()) screen += lines[line];
    screen += kToLineEnd;
  }
  return screen;
}

std::string progress_line(const Moment& moment) {
  std::string line = fmt::format("{:5.1f} s: {} frames, {} dropped", to_ms(moment.elapsed) / 1000.0,
                                 moment.frames, moment.dropped);
  if (!moment.predictions.empty()) {
    line += fmt::format(", {} {:.0f} %", moment.predictions.front().label,
                        moment.predictions.front().score * 100.0f);
  }
  std::string_view joint = ", on: ";
  for (const Lamp& lamp : moment.lamps) {
    if (!lamp.active) continue;
    line += fmt::format("{}{}", joint, lamp.name);
    joint = " ";
  }
  return line;
}

}  // namespace pinfer
