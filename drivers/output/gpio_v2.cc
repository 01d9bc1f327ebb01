// SPDX-License-Identifier: Apache-2.0
// gpio_lines.h for libgpiod 2.x (Debian 13, Raspberry Pi OS 13).
#include <gpiod.h>

#include <cerrno>
#include <memory>

#include "drivers/output/gpio_lines.h"

namespace pinfer {
namespace {

struct Free {
  void operator()(gpiod_chip_info* p) const noexcept { gpiod_chip_info_free(p); }
  void operator()(gpiod_line_info* p) const noexcept { gpiod_line_info_free(p); }
  void operator()(gpiod_line_settings* p) const noexcept { gpiod_line_settings_free(p); }
  void operator()(gpiod_line_config* p) const noexcept { gpiod_line_config_free(p); }
  void operator()(gpiod_request_config* p) const noexcept { gpiod_request_config_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

gpiod_chip* raw(GpioChip* chip) noexcept { return reinterpret_cast<gpiod_chip*>(chip); }

gpiod_line_bias to_gpiod(Bias bias) noexcept {
  switch (bias) {
    case Bias::as_is:
      return GPIOD_LINE_BIAS_AS_IS;
    case Bias::disabled:
      return GPIOD_LINE_BIAS_DISABLED;
    case Bias::pull_up:
      return GPIOD_LINE_BIAS_PULL_UP;
    case Bias::pull_down:
      return GPIOD_LINE_BIAS_PULL_DOWN;
  }
  return GPIOD_LINE_BIAS_AS_IS;
}

gpiod_line_value to_gpiod(bool active) noexcept {
  return active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

// A request of version 2 may hold many lines; ours holds one and remembers its offset.
struct GpioLine {
  gpiod_line_request* request;
  unsigned int offset;
};

GpioChip* gpio_open_chip(const char* path) {
  return reinterpret_cast<GpioChip*>(gpiod_chip_open(path));
}

void gpio_close_chip(GpioChip* chip) noexcept { gpiod_chip_close(raw(chip)); }

bool gpio_read_chip_info(GpioChip& chip, GpioChipInfo& info) {
  const Owned<gpiod_chip_info> found(gpiod_chip_get_info(raw(&chip)));
  if (found == nullptr) return false;
  info.label = text_or_empty(gpiod_chip_info_get_label(found.get()));
  info.lines = static_cast<std::uint32_t>(gpiod_chip_info_get_num_lines(found.get()));
  return true;
}

bool gpio_read_line_info(GpioChip& chip, std::uint32_t offset, GpioLineInfo& info) {
  const Owned<gpiod_line_info> found(gpiod_chip_get_line_info(raw(&chip), offset));
  if (found == nullptr) return false;
  info.used = gpiod_line_info_is_used(found.get());
  info.consumer = text_or_empty(gpiod_line_info_get_consumer(found.get()));
  return true;
}

GpioLine* gpio_request(GpioChip& chip, std::uint32_t offset, const GpioRequest& request) {
  const Owned<gpiod_line_settings> settings(gpiod_line_settings_new());
  const Owned<gpiod_line_config> lines(gpiod_line_config_new());
  const Owned<gpiod_request_config> options(gpiod_request_config_new());
  if (settings == nullptr || lines == nullptr || options == nullptr) {
    errno = ENOMEM;
    return nullptr;
  }
  gpiod_line_settings_set_active_low(settings.get(), request.active_low);
  gpiod_request_config_set_consumer(options.get(), request.consumer);
  const unsigned int offsets[] = {offset};
  const gpiod_line_direction direction =
      request.output ? GPIOD_LINE_DIRECTION_OUTPUT : GPIOD_LINE_DIRECTION_INPUT;
  if (gpiod_line_settings_set_direction(settings.get(), direction) != 0 ||
      gpiod_line_settings_set_bias(settings.get(), to_gpiod(request.bias)) != 0 ||
      gpiod_line_settings_set_output_value(settings.get(), to_gpiod(request.initial)) != 0 ||
      gpiod_line_config_add_line_settings(lines.get(), offsets, 1, settings.get()) != 0)
    return nullptr;
  gpiod_line_request* made = gpiod_chip_request_lines(raw(&chip), options.get(), lines.get());
  if (made == nullptr) return nullptr;
  return std::make_unique<GpioLine>(GpioLine{made, offset}).release();
}

void gpio_release_line(GpioLine* line) noexcept {
  const std::unique_ptr<GpioLine> owned(line);
  gpiod_line_request_release(owned->request);
}

bool gpio_set(GpioLine& line, bool active) noexcept {
  return gpiod_line_request_set_value(line.request, line.offset, to_gpiod(active)) == 0;
}

int gpio_get(GpioLine& line) noexcept {
  const gpiod_line_value value = gpiod_line_request_get_value(line.request, line.offset);
  if (value == GPIOD_LINE_VALUE_ERROR) return -1;
  return value == GPIOD_LINE_VALUE_ACTIVE ? 1 : 0;
}

}  // namespace pinfer
