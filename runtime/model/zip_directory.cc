// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/zip_directory.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace pinfer {
namespace {

constexpr std::uint32_t kLocalMark = 0x04034b50, kEntryMark = 0x02014b50, kEndMark = 0x06054b50;
constexpr std::size_t kLocalSize = 30, kEntrySize = 46, kEndSize = 22;
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kMaxEntries = 256;
constexpr std::uint16_t kStored = 0, kDeflated = 8;

// Little-endian number at `at`; the caller has checked that it is inside.
template <class Int>
Int number(std::span<const std::byte> bytes, std::size_t at) {
  Int value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::invalid_model, "the zip archive at the end of the file is damaged: {}",
              what);
}

// Position of the end record: the last place where it can be, with its comment reaching the end.
std::size_t find_end(std::span<const std::byte> file) {
  if (file.size() < kEndSize) return file.size();
  const std::size_t last = file.size() - kEndSize;
  const std::size_t first = last > kMaxComment ? last - kMaxComment : 0;
  for (std::size_t at = last + 1; at-- > first;)
    if (number<std::uint32_t>(file, at) == kEndMark &&
        number<std::uint16_t>(file, at + 20) == file.size() - at - kEndSize)
      return at;
  return file.size();
}

}  // namespace

Result<std::vector<ZipEntry>> read_zip_directory(std::span<const std::byte> file) {
  std::vector<ZipEntry> entries;
  const std::size_t end = find_end(file);
  if (end == file.size()) return entries;
  const std::size_t count = number<std::uint16_t>(file, end + 10);
  const std::uint64_t size = number<std::uint32_t>(file, end + 12);
  const std::uint64_t offset = number<std::uint32_t>(file, end + 16);
  if (count > kMaxEntries) return damaged("it has too many members");
  if (size > end || offset > end - size) return damaged("its directory lies outside the file");
  // Some writers count offsets from the start of the archive, not of the file.
  const std::uint64_t start = end - size - offset;
  std::size_t at = end - static_cast<std::size_t>(size);
  for (std::size_t i = 0; i < count; ++i) {
    if (end - at < kEntrySize || number<std::uint32_t>(file, at) != kEntryMark)
      return damaged("a directory entry is cut short");
    const std::size_t name = number<std::uint16_t>(file, at + 28);
    const std::size_t rest =
        std::size_t{number<std::uint16_t>(file, at + 30)} + number<std::uint16_t>(file, at + 32);
    if (end - at - kEntrySize < name + rest) return damaged("a name is cut short");
    ZipEntry entry;
    entry.method = number<std::uint16_t>(file, at + 10);
    entry.crc = number<std::uint32_t>(file, at + 16);
    entry.packed = number<std::uint32_t>(file, at + 20);
    entry.unpacked = number<std::uint32_t>(file, at + 24);
    entry.header_offset = start + number<std::uint32_t>(file, at + 42);
    entry.name.assign(reinterpret_cast<const char*>(file.data()) + at + kEntrySize, name);
    entries.push_back(std::move(entry));
    at += kEntrySize + name + rest;
  }
  return entries;
}

namespace {

Result<std::string> inflate_all(std::span<const std::byte> packed, std::size_t unpacked) {
  std::string text(unpacked, '\0');
  z_stream stream{};
  // Negative window: raw deflate, as zip stores it.
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return fail(ErrorCode::over_budget, "zlib has no memory");
  // zlib reads through a pointer to mutable bytes but does not write there.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int outcome = inflate(&stream, Z_FINISH);
  const bool whole = outcome == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) return damaged("a member does not unpack to its size");
  return text;
}

}  // namespace

Result<std::string> unpack(std::span<const std::byte> file, const ZipEntry& entry,
                           std::size_t max_bytes) {
  if (entry.unpacked > max_bytes)
    return fail(ErrorCode::over_budget, "zip member '{}' has {} bytes, the limit is {}", entry.name,
                entry.unpacked, max_bytes);
  const std::uint64_t at = entry.header_offset;
  if (at > file.size() || file.size() - at < kLocalSize) return damaged("a member lies outside");
  const auto header = file.subspan(static_cast<std::size_t>(at));
  if (number<std::uint32_t>(header, 0) != kLocalMark) return damaged("a member has no header");
  const std::size_t skip = kLocalSize + number<std::uint16_t>(header, 26) +
                           std::size_t{number<std::uint16_t>(header, 28)};
  if (header.size() < skip || header.size() - skip < entry.packed)
    return damaged("a member is cut short");
  const auto packed = header.subspan(skip, entry.packed);
  std::string text;
  if (entry.method == kStored) {
    if (entry.packed != entry.unpacked) return damaged("a stored member has two sizes");
    text.assign(reinterpret_cast<const char*>(packed.data()), packed.size());
  } else if (entry.method == kDeflated) {
    PINFER_TRY(text, inflate_all(packed, entry.unpacked));
  } else {
    return fail(ErrorCode::unsupported, "zip member '{}' is packed by method {}", entry.name,
                entry.method);
  }
  const uLong crc =
      ::crc32(0L, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  if (crc != entry.crc) return damaged("a member has the wrong CRC");
  return text;
}

}  // namespace pinfer
