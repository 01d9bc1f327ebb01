// SPDX-License-Identifier: Apache-2.0
// Asking a V4L2 device for its formats; nothing is streamed and nothing set.
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "apps/pinfer/doctor/system_view.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

constexpr std::uint32_t kMaxEntries = 64;  // of a driver that never says it was the last one

bool ask(int fd, unsigned long request, void* argument) {
  int answer = -1;
  do {
    answer = ::ioctl(fd, request, argument);
  } while (answer != 0 && errno == EINTR);
  return answer == 0;
}

std::string code_of(std::uint32_t pixel_format) {
  std::string code;
  for (int shift = 0; shift < 32; shift += 8) {
    const char letter = static_cast<char>((pixel_format >> shift) & 0x7Fu);
    code += letter >= ' ' ? letter : '?';
  }
  while (code.ends_with(' ')) code.pop_back();
  return code;
}

void add_sizes(int fd, std::uint32_t pixel_format, std::vector<CameraFormat>& formats) {
  for (std::uint32_t i = 0; i < kMaxEntries; ++i) {
    v4l2_frmsizeenum size{};
    size.index = i;
    size.pixel_format = pixel_format;
    if (!ask(fd, VIDIOC_ENUM_FRAMESIZES, &size)) return;
    CameraFormat format{code_of(pixel_format), 0, 0, false};
    if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      format.width = static_cast<int>(size.discrete.width);
      format.height = static_cast<int>(size.discrete.height);
      formats.push_back(format);
      continue;
    }
    format.width = static_cast<int>(size.stepwise.max_width);
    format.height = static_cast<int>(size.stepwise.max_height);
    format.any_size_below = true;
    formats.push_back(format);
    return;
  }
}

}  // namespace

std::vector<CameraFormat> read_camera_formats(const std::string& device) {
  const UniqueFd fd(::open(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  std::vector<CameraFormat> formats;
  if (!fd.valid()) return formats;
  for (std::uint32_t i = 0; i < kMaxEntries; ++i) {
    v4l2_fmtdesc description{};
    description.index = i;
    description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (!ask(fd.get(), VIDIOC_ENUM_FMT, &description)) break;
    add_sizes(fd.get(), description.pixelformat, formats);
  }
  return formats;
}

}  // namespace pinfer
