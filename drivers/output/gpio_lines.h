// SPDX-License-Identifier: Apache-2.0
// The eight functions that the gpio driver needs of libgpiod; gpio_v1.cc or gpio_v2.cc has them.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/output/output_spec.h"

namespace pinfer {

struct GpioChip;  // an open /dev/gpiochipN
struct GpioLine;  // a line requested as an output or an input

struct GpioChipInfo {
  std::string label;
  std::uint32_t lines = 0;
};

struct GpioLineInfo {
  bool used = false;     // the kernel or another process has it
  std::string consumer;  // who, as far as they have said
};

struct GpioRequest {
  const char* consumer = "";
  bool output = true;
  bool initial = false;  // output: logical level from the first moment on, part of the request
  bool active_low = false;
  Bias bias = Bias::as_is;
};

// The functions that return a pointer, and those that return false or -1, leave why in errno.
GpioChip* gpio_open_chip(const char* path);
void gpio_close_chip(GpioChip* chip) noexcept;
bool gpio_read_chip_info(GpioChip& chip, GpioChipInfo& info);
bool gpio_read_line_info(GpioChip& chip, std::uint32_t offset, GpioLineInfo& info);
GpioLine* gpio_request(GpioChip& chip, std::uint32_t offset, const GpioRequest& request);
void gpio_release_line(GpioLine* line) noexcept;
bool gpio_set(GpioLine& line, bool active) noexcept;
int gpio_get(GpioLine& line) noexcept;  // 1 active, 0 inactive, -1 error

}  // namespace pinfer
