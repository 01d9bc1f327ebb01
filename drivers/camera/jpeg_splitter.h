// SPDX-License-Identifier: Apache-2.0
// JpegSplitter: cuts a stream of JPEG files, one behind the other, into pictures. Bytes between
// them are skipped; a picture that breaks off is dropped where the next one starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pinfer {

class JpegSplitter final {
 public:
  // A picture with more bytes counts as damaged: the memory is bounded by this and one chunk.
  static constexpr std::size_t kMaxBytes = 16u << 20;
  static constexpr std::size_t kChunkBytes = 64u << 10;

  // Where the next bytes go: kChunkBytes. Ends the life of pictures given out before.
  std::span<std::byte> room();
  // So many bytes of room() have been filled.
  void fill(std::size_t bytes) noexcept;

  // The next whole picture, from its start to its end marker (ITU-T T.81, annex B); none until more
  // bytes come.
  std::optional<std::span<const std::byte>> next() noexcept;

  // Pictures that were dropped because they broke off, made no sense or were too large.
  [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }

 private:
  enum class Scan : std::uint8_t { more, whole, damaged };
  bool find_start() noexcept;
  Scan scan() noexcept;
  Scan scan_marker() noexcept;
  bool skip_entropy_coded() noexcept;
  void drop_from(std::size_t at) noexcept;
  [[nodiscard]] std::uint8_t at(std::size_t i) const noexcept {
    return static_cast<std::uint8_t>(bytes_[i]);
  }

  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0, at_ = 0,
              end_ = 0;         // of the picture; what is looked at next; of the bytes
  bool inside_ = false;         // begin_ is a start marker
  bool entropy_coded_ = false;  // at_ is behind the header of a scan
  std::uint64_t damaged_ = 0;
};

}  // namespace pinfer
