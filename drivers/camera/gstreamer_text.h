// SPDX-License-Identifier: Apache-2.0
// The GStreamer pipeline of a camera on the CSI connector, as text. Pure.
#pragma once

#include <string>

#include "runtime/core/result.h"

namespace pinfer {

enum class CsiBoard : std::uint8_t { libcamera, jetson };

struct CsiRequest {
  int camera = 0;  // the N of csi://N
  int width = 0;   // 0: 640x480
  int height = 0;
  double fps = 0.0;  // 0: the camera's own
};

// Ends in an appsink that keeps the newest frame only, in BGR. Error unsupported: libcamerasrc
// takes a name, not a number, so only its first camera can be asked for.
Result<std::string> csi_pipeline(CsiBoard board, const CsiRequest& request);

// What the machine's device tree says: Jetsons are "nvidia,...".
CsiBoard detect_csi_board(const std::string& compatible);

}  // namespace pinfer
