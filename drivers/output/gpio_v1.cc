// SPDX-License-Identifier: Apache-2.0
// gpio_lines.h for libgpiod 1.6 (Debian 12, Raspberry Pi OS 12, Ubuntu 22.04 and 24.04).
#include <gpiod.h>

#include "drivers/output/gpio_lines.h"

namespace pinfer {
namespace {

// The library's objects are opaque already: ours are theirs under another name.
gpiod_chip* raw(GpioChip* chip) noexcept { return reinterpret_cast<gpiod_chip*>(chip); }
gpiod_line* raw(GpioLine* line) noexcept { return reinterpret_cast<gpiod_line*>(line); }

int bias_flag(Bias bias) noexcept {
  switch (bias) {
    case Bias::as_is:
      return 0;
    case Bias::disabled:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case Bias::pull_up:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case Bias::pull_down:
      return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
  }
  return 0;
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

GpioChip* gpio_open_chip(const char* path) {
  return reinterpret_cast<GpioChip*>(gpiod_chip_open(path));
}

void gpio_close_chip(GpioChip* chip) noexcept { gpiod_chip_close(raw(chip)); }

bool gpio_read_chip_info(GpioChip& chip, GpioChipInfo& info) {
  info.label = text_or_empty(gpiod_chip_label(raw(&chip)));
  info.lines = gpiod_chip_num_lines(raw(&chip));
  return true;
}

bool gpio_read_line_info(GpioChip& chip, std::uint32_t offset, GpioLineInfo& info) {
  gpiod_line* line = gpiod_chip_get_line(raw(&chip), offset);
  if (line == nullptr) return false;
  info.used = gpiod_line_is_used(line);
  info.consumer = text_or_empty(gpiod_line_consumer(line));
  return true;
}

GpioLine* gpio_request(GpioChip& chip, std::uint32_t offset, const GpioRequest& request) {
  gpiod_line* line = gpiod_chip_get_line(raw(&chip), offset);
  if (line == nullptr) return nullptr;
  const int flags =
      bias_flag(request.bias) | (request.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0);
  const int failed = request.output ? gpiod_line_request_output_flags(line, request.consumer, flags,
                                                                      request.initial)
                                    : gpiod_line_request_input_flags(line, request.consumer, flags);
  if (failed != 0) return nullptr;
  return reinterpret_cast<GpioLine*>(line);
}

void gpio_release_line(GpioLine* line) noexcept { gpiod_line_release(raw(line)); }

bool gpio_set(GpioLine& line, bool active) noexcept {
  return gpiod_line_set_value(raw(&line), active ? 1 : 0) == 0;
}

int gpio_get(GpioLine& line) noexcept { return gpiod_line_get_value(raw(&line)); }

}  // namespace pinfer
