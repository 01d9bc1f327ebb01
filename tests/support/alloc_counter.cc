// SPDX-License-Identifier: Apache-2.0
// In a file of its own: inlined into a test, GCC 12 takes new and free() for a mismatch.
#include "tests/support/alloc_counter.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace pinfer {
namespace {

std::atomic<std::uint64_t> process_count{0};
thread_local std::uint64_t thread_count = 0;

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  ++thread_count;
  process_count.fetch_add(1, std::memory_order_relaxed);
  size = std::max<std::size_t>(size, 1);
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment) {
  void* const memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

std::uint64_t thread_allocations() noexcept { return thread_count; }
std::uint64_t process_allocations() noexcept {
  return process_count.load(std::memory_order_relaxed);
}

}  // namespace pinfer

using std::align_val_t;
using std::nothrow_t;
using std::size_t;

void* operator new(size_t size) { return pinfer::allocate_or_throw(size, 1); }
void* operator new[](size_t size) { return pinfer::allocate_or_throw(size, 1); }
void* operator new(size_t size, align_val_t alignment) {
  return pinfer::allocate_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, align_val_t alignment) {
  return pinfer::allocate_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const nothrow_t&) noexcept { return pinfer::allocate(size, 1); }
void* operator new[](size_t size, const nothrow_t&) noexcept { return pinfer::allocate(size, 1); }
void* operator new(size_t size, align_val_t alignment, const nothrow_t&) noexcept {
  return pinfer::allocate(size, static_cast<size_t>(alignment));
}
void* operator new[](size_t size, align_val_t alignment, const nothrow_t&) noexcept {
  return pinfer::allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const nothrow_t&) noexcept { std::free(memory); }
