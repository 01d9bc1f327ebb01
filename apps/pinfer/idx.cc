// SPDX-License-Identifier: Apache-2.0
// MNIST's idx files: big-endian header, then one byte a pixel or label; often gzipped.
#include <zlib.h>

#include <array>
#include <memory>

#include "apps/pinfer/data_set.h"

namespace pinfer {
namespace {

constexpr std::size_t kMaxBytes = 256u << 20;

// The whole file, unpacked if it is gzipped.
Result<std::vector<std::byte>> read_unpacked(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) return fail(ErrorCode::not_found, "{}: cannot open", path);
  std::vector<std::byte> bytes;
  std::array<std::byte, 65536> chunk;
  for (;;) {
    const int got = gzread(file.get(), chunk.data(), chunk.size());
    if (got < 0) return fail(ErrorCode::io, "{}: damaged: it does not unpack", path);
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > kMaxBytes)
      return fail(ErrorCode::over_budget, "{}: more than {} bytes", path, kMaxBytes);
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + got);
  }
}

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

struct Idx {
  std::uint64_t count = 0, item_bytes = 1;
  std::vector<std::byte> bytes;
  std::size_t start = 0;
};

// `dims`: 3 for pictures, 1 for labels.
Result<Idx> read_one(const std::string& path, std::uint32_t dims) {
  Idx idx;
  PINFER_TRY(idx.bytes, read_unpacked(path));
  idx.start = 4 + std::size_t{4} * dims;
  if (idx.bytes.size() < idx.start || big_endian(idx.bytes, 0) != (0x800u | dims))
    return fail(ErrorCode::invalid_argument, "{}: not an idx{} file of bytes", path, dims);
  idx.count = big_endian(idx.bytes, 4);
  for (std::uint32_t d = 1; d < dims; ++d) {
    idx.item_bytes *= big_endian(idx.bytes, 4 + std::size_t{4} * d);
    if (idx.item_bytes > kMaxBytes)
      return fail(ErrorCode::invalid_argument, "{}: pictures that large are not meant", path);
  }
  if (idx.count * idx.item_bytes != idx.bytes.size() - idx.start)
    return fail(ErrorCode::invalid_argument, "{}: the header says {} items of {} bytes, {} follow",
                path, idx.count, idx.item_bytes, idx.bytes.size() - idx.start);
  return idx;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.rfind(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace

Result<std::vector<Example>> read_idx(const std::string& images, std::size_t limit) {
  PINFER_TRY(const Idx pictures, read_one(images, 3));
  const std::string labels_path =
      replaced(replaced(images, "images", "labels"), "idx3-ubyte", "idx1-ubyte");
  PINFER_TRY(const Idx labels, read_one(labels_path, 1));
  if (labels.count != pictures.count)
    return fail(ErrorCode::invalid_argument, "{}: {} labels for {} pictures", labels_path,
                labels.count, pictures.count);
  std::vector<Example> examples;
  for (std::uint64_t i = 0; i < pictures.count && (limit == 0 || i < limit); ++i) {
    const auto* first = pictures.bytes.data() + pictures.start + i * pictures.item_bytes;
    examples.push_back({fmt::format("{}[{}]", images, i),
                        std::to_integer<std::int32_t>(labels.bytes[labels.start + i]),
                        {first, first + pictures.item_bytes}});
  }
  return examples;
}

}  // namespace pinfer
