// SPDX-License-Identifier: Apache-2.0
// What Pinfer and its OpenCV plug-in say to each other: plain structs and a table of functions.
//
// The two halves are linked apart and may be of different builds, so nothing that crosses has a
// constructor, throws or owns. kAbiVersion changes with any change in this file; a plug-in of
// another version is not used. Memory that is passed stays until the call returns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pinfer::cv_abi {

inline constexpr std::uint32_t kAbiVersion = 1;

enum class Reader : std::int32_t { v4l2, ffmpeg, mjpeg, gstreamer };
enum class Value : std::int32_t { width, height, fps, position_ms };

// failed: OpenCV threw.
enum class Outcome : std::int32_t { ok, nothing, failed };

// 8 bits an element; `channels` 3 (BGR) or 1 (gray).
struct PictureView {
  const std::uint8_t* data = nullptr;
  std::int32_t width = 0, height = 0, channels = 0;
  std::size_t stride = 0;  // bytes between rows
};

// Room for a sentence; longer ones are cut.
struct Sentence {
  char text[1024] = {};
};

// What a call found, handed over before it returns. False: it cannot be taken.
struct TakePicture {
  void* context = nullptr;
  bool (*take)(void* context, const PictureView* picture) noexcept = nullptr;
};
struct TakeBytes {
  void* context = nullptr;
  bool (*take)(void* context, const void* bytes, std::size_t size) noexcept = nullptr;
};

class Capture;  // the plug-in's own

struct PluginTable {
  std::uint32_t abi_version = kAbiVersion;  // first in every version
  const char* opencv_version = nullptr;     // of the headers it was built with: "4.6.0"
  // A device, file, URL or pipeline; null: why not, or an empty sentence where OpenCV does not say.
  // `timeout_ms` to open and to read, 0: OpenCV's own.
  Capture* (*open)(const char* target, Reader reader, std::int32_t timeout_ms,
                   Sentence* why) noexcept = nullptr;
  void (*close)(Capture* capture) noexcept = nullptr;
  bool (*open_again)(Capture* capture) noexcept = nullptr;
  // The next picture arrives; then it is decoded. A view stays until the next call of the capture.
  // retrieve() answers `nothing` for half a picture and for forms that no PictureView can say.
  Outcome (*grab)(Capture* capture) noexcept = nullptr;
  Outcome (*retrieve)(Capture* capture, PictureView* picture) noexcept = nullptr;
  double (*get)(Capture* capture, Value value) noexcept = nullptr;  // 0: not known
  // Asks for MJPEG, a size and a rate; 0: the camera's own. Cameras may give something else.
  void (*ask)(Capture* capture, std::int32_t width, std::int32_t height,
              double fps) noexcept = nullptr;
  // A file's bytes to a BGR picture. `nothing`: damaged.
  Outcome (*decode)(const void* bytes, std::size_t size,
                    const TakePicture* take) noexcept = nullptr;
  Outcome (*encode_jpeg)(const PictureView* picture, std::int32_t quality, const TakeBytes* take,
                         Sentence* why) noexcept = nullptr;
};

// The only symbol of the plug-in.
inline constexpr const char* kFileName = "libpinfer-opencv.so";
inline constexpr const char* kEntryName = "pinfer_opencv_plugin";

}  // namespace pinfer::cv_abi
