// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/jpeg_splitter.h"

#include <cstring>

namespace pinfer {
namespace {

constexpr std::uint8_t kMark = 0xFF, kStart = 0xD8, kEnd = 0xD9, kScan = 0xDA, kTem = 0x01;
constexpr bool is_restart(std::uint8_t marker) noexcept { return (marker & 0xF8U) == 0xD0; }

}  // namespace

std::span<std::byte> JpegSplitter::room() {
  if (begin_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    at_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() < end_ + kChunkBytes) bytes_.resize(end_ + kChunkBytes);
  return {bytes_.data() + end_, kChunkBytes};
}

void JpegSplitter::fill(std::size_t bytes) noexcept { end_ += bytes; }

std::optional<std::span<const std::byte>> JpegSplitter::next() noexcept {
  for (;;) {
    if (!inside_ && !find_start()) return std::nullopt;
    switch (scan()) {
      case Scan::whole: {
        const std::span<const std::byte> picture(bytes_.data() + begin_, at_ - begin_);
        drop_from(at_);
        return picture;
      }
      case Scan::damaged:
        ++damaged_;
        drop_from(at_);
        break;
      case Scan::more:
        if (end_ - begin_ <= kMaxBytes) return std::nullopt;
        ++damaged_;
        drop_from(end_);
        break;
    }
  }
}

void JpegSplitter::drop_from(std::size_t at) noexcept {
  begin_ = at_ = at;
  inside_ = entropy_coded_ = false;
}

// A start marker is always followed by another marker.
bool JpegSplitter::find_start() noexcept {
  for (; begin_ + 3 <= end_; ++begin_) {
    if (at(begin_) != kMark || at(begin_ + 1) != kStart || at(begin_ + 2) != kMark) continue;
    inside_ = true;
    at_ = begin_ + 2;
    return true;
  }
  at_ = begin_;
  return false;
}

JpegSplitter::Scan JpegSplitter::scan() noexcept {
  while (at_ + 2 <= end_) {
    if (entropy_coded_ && !skip_entropy_coded()) return Scan::more;
    const std::size_t before = at_;
    const Scan found = scan_marker();
    if (found != Scan::more || at_ == before) return found;
  }
  return Scan::more;
}

// To the next marker that is not a restart. False: not there yet.
bool JpegSplitter::skip_entropy_coded() noexcept {
  while (at_ + 2 <= end_) {
    const void* mark = std::memchr(bytes_.data() + at_, kMark, end_ - at_);
    if (mark == nullptr) {
      at_ = end_;
      return false;
    }
    at_ = static_cast<std::size_t>(static_cast<const std::byte*>(mark) - bytes_.data());
    if (at_ + 2 > end_) return false;
    const std::uint8_t marker = at(at_ + 1);
    if (marker != 0 && !is_restart(marker)) {
      entropy_coded_ = false;
      return true;
    }
    at_ += 2;
  }
  return false;
}

// One marker and its segment, which may end behind the bytes that are there.
JpegSplitter::Scan JpegSplitter::scan_marker() noexcept {
  const std::uint8_t marker = at(at_ + 1);
  if (at(at_) != kMark || marker == 0 || marker == kTem || marker == kStart || is_restart(marker))
    return Scan::damaged;
  if (marker == kMark) {  // any number of these may come first
    ++at_;
    return Scan::more;
  }
  if (marker == kEnd) {
    at_ += 2;
    return Scan::whole;
  }
  if (at_ + 4 > end_) return Scan::more;
  const std::size_t length = std::size_t{at(at_ + 2)} << 8U | at(at_ + 3);
  if (length < 2) return Scan::damaged;
  at_ += 2 + length;
  entropy_coded_ = marker == kScan;
  return Scan::more;
}

}  // namespace pinfer
