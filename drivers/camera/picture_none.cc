// SPDX-License-Identifier: Apache-2.0
// picture.h in a build without OpenCV.
#include "drivers/camera/picture.h"

namespace pinfer {

Result<Picture> decode_picture(std::span<const std::byte> /*bytes*/, std::string_view name) {
  return fail(ErrorCode::unsupported, "{}: this build has no OpenCV, which decodes pictures", name);
}

Result<std::vector<std::byte>> encode_jpeg(const Frame& /*frame*/, int /*quality*/) {
  return fail(ErrorCode::unsupported, "this build has no OpenCV, which makes JPEGs");
}

Result<Picture> load_picture(const std::string& path) { return decode_picture({}, path); }

}  // namespace pinfer
