// SPDX-License-Identifier: Apache-2.0
// create_source(): from what the user writes under `camera:` to a FrameSource.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "drivers/camera/address.h"
#include "drivers/camera/frame_source.h"
#include "runtime/core/result.h"

namespace pinfer {

// A picture larger than this is refused before it is decoded.
inline constexpr std::int64_t kMaxPixels = 33'000'000;

struct SourceSpec {
  std::string uri;  // see README.md
  int width = 0;    // pixels to ask a camera for; 0: its own
  int height = 0;
  double fps = 0.0;       // frames a second to ask for, or to play at; 0: its own
  bool loop = false;      // clips and folders start again at their end
  bool realtime = false;  // clips, folders and patterns behave like a camera: paced, live times
};

struct CameraSource {
  SourceKind kind{};
  std::string_view name;
  std::string_view summary;  // what users write
  Result<std::unique_ptr<FrameSource>> (*create)(const SourceAddress& address,
                                                 const SourceSpec& spec) = nullptr;
};

// All kinds, in the order of sources.inc.
std::span<const CameraSource* const> camera_sources() noexcept;

// What device, clip and stream sources stand on: "OpenCV 4.6.0", "built without OpenCV", or why its
// plug-in cannot be loaded. Loads it.
std::string camera_library();

// Opens the camera or file. Errors: invalid_argument (the address makes no sense), not_found,
// refused (no permission), unavailable (busy, or does not answer: may work later; OpenCV is not
// installed), unsupported (built without OpenCV), over_budget (larger than kMaxPixels), io.
Result<std::unique_ptr<FrameSource>> create_source(const SourceSpec& spec);

}  // namespace pinfer
