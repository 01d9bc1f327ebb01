// SPDX-License-Identifier: Apache-2.0
// How much heap a piece of work took at most, whatever asked for it (new, malloc, aligned_alloc).
#pragma once

#include <cstddef>

namespace pinfer::test {

// Counts through the hooks of AddressSanitizer; without it nothing is counted.
class HeapPeak final {
 public:
  // False where the build has no AddressSanitizer: the numbers are 0 then.
  static bool available();

  // Starts to count; one at a time, and only for the thread that made it.
  HeapPeak();
  ~HeapPeak();
  HeapPeak(const HeapPeak&) = delete;
  HeapPeak& operator=(const HeapPeak&) = delete;

  // Most bytes alive at once since the constructor, beyond those alive there.
  [[nodiscard]] std::size_t live_bytes() const;
  // The largest single request.
  [[nodiscard]] std::size_t largest() const;
};

}  // namespace pinfer::test
