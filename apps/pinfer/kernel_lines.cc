// SPDX-License-Identifier: Apache-2.0
// The kernel's line interface (version 2, Linux 5.10 and later), for looking only: outputs go
// through drivers/output.
#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "apps/pinfer/line_states.h"

namespace pinfer {
namespace {

constexpr const char* kConsumer = "pinfer-readback";

bool ask(int fd, unsigned long request, void* argument) noexcept {
  int answer = -1;
  do {
    answer = ::ioctl(fd, request, argument);
  } while (answer < 0 && errno == EINTR);
  return answer >= 0;
}

std::vector<std::string> chip_paths() {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    // A compatibility link (/dev/gpiochip4 -> gpiochip0) would count its chip twice.
    if (entry.is_symlink(ignored)) continue;
    if (entry.path().filename().string().starts_with("gpiochip")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  });
  return paths;
}

UniqueFd open_chip(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
}

Result<ChipState> read_chip(const std::string& path) {
  const UniqueFd fd = open_chip(path);
  gpiochip_info info{};
  if (!fd.valid() || !ask(fd.get(), GPIO_GET_CHIPINFO_IOCTL, &info))
    return fail(ErrorCode::refused, "cannot open {}: {}{}", path, std::strerror(errno),
                errno == EACCES ? "; is the user in group gpio?" : "");
  ChipState chip{info.name, info.label, info.lines, {}};
  for (std::uint32_t offset = 0; offset < info.lines; ++offset) {
    gpio_v2_line_info line{};
    line.offset = offset;
    if (!ask(fd.get(), GPIO_V2_GET_LINEINFO_IOCTL, &line))
      return fail(ErrorCode::io, "cannot look at line {} of {}: {}", offset, path,
                  std::strerror(errno));
    chip.line.push_back(
        {offset, line.name, (line.flags & GPIO_V2_LINE_FLAG_USED) != 0, line.consumer});
  }
  return chip;
}

}  // namespace

Result<std::vector<ChipState>> read_kernel_lines() {
  const std::vector<std::string> paths = chip_paths();
  if (paths.empty()) return fail(ErrorCode::not_found, "there is no /dev/gpiochip*");
  std::vector<ChipState> chips;
  for (const std::string& path : paths) {
    PINFER_TRY(ChipState chip, read_chip(path));
    chips.push_back(std::move(chip));
  }
  return chips;
}

Result<InputLine> InputLine::open(std::string_view label, std::uint32_t offset) {
  for (const std::string& path : chip_paths()) {
    const UniqueFd chip = open_chip(path);
    gpiochip_info info{};
    if (!chip.valid() || !ask(chip.get(), GPIO_GET_CHIPINFO_IOCTL, &info)) continue;
    if (info.label != label) continue;
    gpio_v2_line_request request{};
    request.offsets[0] = offset;
    request.num_lines = 1;
    request.config.flags = GPIO_V2_LINE_FLAG_INPUT;
    std::strncpy(request.consumer, kConsumer, sizeof(request.consumer) - 1);
    if (!ask(chip.get(), GPIO_V2_GET_LINE_IOCTL, &request))
      return fail(errno == EBUSY ? ErrorCode::refused : ErrorCode::io,
                  "cannot read line {} of chip {} back: {}", offset, label, std::strerror(errno));
    InputLine line;
    line.fd_.reset(request.fd);
    return line;
  }
  return fail(ErrorCode::not_found, "no GPIO chip that may be opened has the label '{}'", label);
}

int InputLine::read() const noexcept {
  gpio_v2_line_values values{};
  values.mask = 1;
  if (!ask(fd_.get(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values)) return -1;
  return static_cast<int>(values.bits & 1);
}

}  // namespace pinfer
