// SPDX-License-Identifier: Apache-2.0
#include "tests/support/heap_peak.h"

#include <algorithm>
#include <cstdint>

#if defined(PINFER_SANITIZER_ADDRESS)
#define PINFER_COUNTS_HEAP 1
#else
#define PINFER_COUNTS_HEAP 0
#endif

#if PINFER_COUNTS_HEAP
// <sanitizer/allocator_interface.h>, which not every GCC package ships.
extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                              void (*on_free)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void* memory);
}
#endif

namespace pinfer::test {
namespace {

struct Counters {
  bool counting = false;
  std::int64_t live = 0, peak = 0;
  std::size_t largest = 0;
};
thread_local Counters counters;

#if PINFER_COUNTS_HEAP
void on_malloc(const volatile void*, std::size_t size) {
  if (!counters.counting) return;
  counters.live += static_cast<std::int64_t>(size);
  counters.peak = std::max(counters.peak, counters.live);
  counters.largest = std::max(counters.largest, size);
}

void on_free(const volatile void* memory) {
  if (counters.counting && memory != nullptr)
    counters.live -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(memory));
}

bool install() { return __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0; }
#else
bool install() { return false; }
#endif

}  // namespace

bool HeapPeak::available() {
  static const bool kInstalled = install();
  return kInstalled;
}

HeapPeak::HeapPeak() {
  static_cast<void>(available());
  counters = {};
  counters.counting = true;
}
HeapPeak::~HeapPeak() { counters.counting = false; }
std::size_t HeapPeak::live_bytes() const { return static_cast<std::size_t>(counters.peak); }
std::size_t HeapPeak::largest() const { return counters.largest; }

}  // namespace pinfer::test
