// SPDX-License-Identifier: Apache-2.0
// PictureShelf: the last few pictures that changed something, kept until somebody asks for the
// reason.
#pragma once

#include <array>
#include <cstring>
#include <mutex>
#include <optional>

#include "apps/journal/journal.h"
#include "runtime/core/aligned_buffer.h"

namespace pinfer {

class PictureShelf final {
 public:
  // Control thread: room for pictures of `bytes`; 0: none are kept.
  void prepare(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    for (Place& place : places_) {
      if (place.pixels.size() == bytes) continue;
      place.used = false;
      if (auto pixels = AlignedBuffer::create(bytes)) place.pixels = std::move(*pixels);
    }
  }

  // Frame thread: keeps a copy, in the place of the oldest one. Does not wait: while somebody takes
  // a picture, or when it is too large, it is not kept.
  void keep(const Frame& frame) noexcept {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    Place& place = places_[next_ % kPlaces];
    const std::size_t bytes = bytes_of(frame);
    if (bytes == 0 || bytes > place.pixels.size()) return;
    ++next_;
    std::memcpy(place.pixels.data(), frame.data, bytes);
    place.frame = frame;
    place.used = true;
  }

  // Control thread: the picture of this frame, if it was kept. Two outputs may ask for the same
  // one.
  std::optional<JournalPicture> find(std::uint64_t sequence) {
    const std::lock_guard lock(mutex_);
    for (const Place& place : places_) {
      if (!place.used || place.frame.sequence != sequence) continue;
      const auto* first = reinterpret_cast<const std::uint8_t*>(place.pixels.data());
      return JournalPicture{{first, first + bytes_of(place.frame)}, place.frame};
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kPlaces = 4;
  struct Place {
    AlignedBuffer pixels;
    Frame frame;
    bool used = false;
  };
  static std::size_t bytes_of(const Frame& frame) noexcept {
    return frame.stride * static_cast<std::size_t>(frame.height);
  }

  std::mutex mutex_;  // the frame thread only tries
  std::array<Place, kPlaces> places_;
  std::size_t next_ = 0;
};

}  // namespace pinfer
