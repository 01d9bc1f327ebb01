// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/device_check.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

int retry_ioctl(int fd, unsigned long request, void* argument) noexcept {
  int result = 0;
  do {
    result = ::ioctl(fd, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

bool captures(int fd) noexcept {
  v4l2_capability capability{};
  if (retry_ioctl(fd, VIDIOC_QUERYCAP, &capability) < 0) return false;
  const std::uint32_t capabilities = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0
                                         ? capability.device_caps
                                         : capability.capabilities;
  return (capabilities & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)) != 0;
}

std::string list_cameras() {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator it("/dev", error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().string();
    if (!path.starts_with("/dev/video")) continue;
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (fd.valid() && captures(fd.get())) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) return "no camera is connected";
  return fmt::format("there is {}", fmt::join(found, ", "));
}

}  // namespace

Result<void> check_capture_device(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
      return fail(ErrorCode::not_found, "{}: no such camera; {}", path, list_cameras());
    if (errno == EPERM)  // not the file's mode: systemd's DeviceAllow= refuses
      return fail(ErrorCode::refused,
                  "{}: this service may not use it (DeviceAllow= of its unit); a kind of device "
                  "that was not there when the service started needs `systemctl restart pinferd`",
                  path);
    if (errno == EACCES)
      return fail(ErrorCode::refused,
                  "{}: no permission; add the user to the group video (sudo usermod -aG video "
                  "$USER) and log in again",
                  path);
    if (errno == EBUSY)
      return fail(ErrorCode::unavailable, "{}: another program uses the camera", path);
    return fail(ErrorCode::io, "{}: cannot open: {}", path, std::strerror(errno));
  }
  if (!captures(fd.get()))
    return fail(ErrorCode::invalid_argument, "{}: gives no pictures; {}", path, list_cameras());
  return {};
}

Error explain_capture_failure(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  // Setting the format that it has already changes nothing, but is refused while somebody streams.
  if (fd.valid() && retry_ioctl(fd.get(), VIDIOC_G_FMT, &format) == 0 &&
      retry_ioctl(fd.get(), VIDIOC_S_FMT, &format) < 0 && errno == EBUSY)
    return {ErrorCode::unavailable,
            fmt::format("{}: another program uses the camera (fuser -v {} names it)", path, path)};
  return {
      ErrorCode::io,
      fmt::format("{}: OpenCV cannot read this camera; a camera on the CSI connector is csi://0",
                  path)};
}

}  // namespace pinfer
