// SPDX-License-Identifier: Apache-2.0
// Which taps of a window lie inside the input, for files of one ISA; local to each of them.
#pragma once

#include <stdint.h>

namespace pinfer {
namespace {

// The taps [begin, end) inside [0, size), the first one at `origin`.
struct Inside {
  int32_t begin, end;
};
inline Inside inside_of(int64_t origin, int32_t dilation, int32_t size, int32_t taps) noexcept {
  int32_t begin = 0, end = taps;
  while (begin < end && origin + int64_t{begin} * dilation < 0) ++begin;
  while (end > begin && origin + int64_t{end - 1} * dilation >= size) --end;
  return {begin, end};
}

}  // namespace
}  // namespace pinfer
