// SPDX-License-Identifier: Apache-2.0
// The zip archive that may be appended to a .tflite file: its directory, and one member unpacked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

// One member, as the directory states it; not trusted before unpack().
struct ZipEntry {
  std::string name;
  std::uint16_t method = 0;  // 0 stored, 8 deflated
  std::uint32_t packed = 0, unpacked = 0, crc = 0;
  std::uint64_t header_offset = 0;  // of the local header, in the whole file
};

// The directory at the end of `file`: empty when there is no archive; an error when there is a
// damaged one, or one of more than 256 members. Zip64 and archives over several files are refused.
Result<std::vector<ZipEntry>> read_zip_directory(std::span<const std::byte> file);

// The bytes of one member, at most `max_bytes`, checked against its CRC-32.
Result<std::string> unpack(std::span<const std::byte> file, const ZipEntry& entry,
                           std::size_t max_bytes);

}  // namespace pinfer
