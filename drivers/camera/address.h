// SPDX-License-Identifier: Apache-2.0
// SourceAddress: a camera address taken apart.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/core/result.h"

namespace pinfer {

enum class SourceKind : std::uint8_t { pattern, pictures, device, clip, stream, csi, gst, pipe };

struct SourceAddress {
  SourceKind kind = SourceKind::pattern;
  // pattern: its name. pictures: a folder or one picture. device: a path. clip: a path. stream: the
  // whole URL. csi: the camera's number. gst: the pipeline. pipe: the path of a named pipe.
  std::string location;

  friend bool operator==(const SourceAddress&, const SourceAddress&) = default;
};

// Looks at the file system to tell a clip from a folder. Errors: invalid_argument (unknown scheme,
// empty), not_found (no such file, with the nearest name in its folder).
Result<SourceAddress> parse_source(const std::string& uri);

// The same text without user name and password, for logs.
std::string without_credentials(const std::string& url);

// True for the file names that the pictures source reads: .png .jpg .jpeg .bmp .pgm .ppm
bool is_picture_name(const std::string& name);

}  // namespace pinfer
