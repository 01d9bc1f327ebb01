// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/gstreamer_text.h"

#include <cmath>
#include <string_view>

namespace pinfer {
namespace {

// "30/1", "2997/100": GStreamer wants a fraction.
std::string fraction(double fps) {
  const auto hundredths = static_cast<long>(std::lround(fps * 100.0));
  if (hundredths % 100 == 0) return fmt::format("{}/1", hundredths / 100);
  return fmt::format("{}/100", hundredths);
}

constexpr std::string_view kSink =
    "videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1 sync=false";

}  // namespace

Result<std::string> csi_pipeline(CsiBoard board, const CsiRequest& request) {
  const int width = request.width > 0 ? request.width : 640;
  const int height = request.height > 0 ? request.height : 480;
  const std::string rate =
      request.fps > 0.0 ? fmt::format(",framerate={}", fraction(request.fps)) : std::string();
  if (board == CsiBoard::jetson)
    return fmt::format(
        "nvarguscamerasrc sensor-id={} ! "
        "video/x-raw(memory:NVMM),width={},height={},format=NV12{} ! "
        "nvvidconv ! video/x-raw,format=BGRx ! {}",
        request.camera, width, height, rate, kSink);
  if (request.camera != 0)
    return fail(
        ErrorCode::unsupported,
        "csi://{}: on this board cameras other than csi://0 have names; `cam -l` lists them, "
        "then write gst:libcamerasrc camera-name=NAME ! ...",
        request.camera);
  return fmt::format("libcamerasrc ! video/x-raw,width={},height={},format=NV12{} ! {}", width,
                     height, rate, kSink);
}

CsiBoard detect_csi_board(const std::string& compatible) {
  return compatible.find("nvidia,") != std::string::npos ? CsiBoard::jetson : CsiBoard::libcamera;
}

}  // namespace pinfer
