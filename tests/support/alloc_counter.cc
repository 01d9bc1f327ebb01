// SPDX-License-Identifier: Apache-2.0
// In a file of its own: inlined into a test, GCC 12 takes new and free() for a mismatch.
#include "tests/support/alloc_counter.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>

namespace pinfer {
namespace {

std::atomic<std::uint64_t> process_count{0};

struct ThreadCount {
  std::atomic<pid_t> thread{0};
  std::atomic<std::uint64_t> count{0};
};
constexpr std::size_t kMaxThreads = 4096;  // in the life of a test program
constinit std::array<ThreadCount, kMaxThreads> thread_counts{};
constinit std::atomic<std::size_t> threads_seen{0};
constinit thread_local ThreadCount* thread_count = nullptr;

void count_one() noexcept {
  if (thread_count == nullptr) {
    const std::size_t index = threads_seen.fetch_add(1);
    if (index >= kMaxThreads) std::abort();
    thread_count = &thread_counts[index];
    thread_count->thread.store(::gettid());
  }
  thread_count->count.fetch_add(1, std::memory_order_relaxed);
}

#if defined(PINFER_SANITIZER_THREAD)
// clang's ThreadSanitizer has operators new of its own, which cannot be replaced: every malloc()
// counts instead.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*on_free)(const volatile void*));

void on_malloc(const volatile void*, std::size_t) {
  count_one();
  process_count.fetch_add(1, std::memory_order_relaxed);
}
void on_free(const volatile void*) {}
[[maybe_unused]] const int installed =
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

#else
void* allocate(std::size_t size, std::size_t alignment) noexcept {
  count_one();
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
#endif

}  // namespace

std::uint64_t thread_allocations() noexcept {
  return thread_count == nullptr ? 0 : thread_count->count.load();
}
std::uint64_t process_allocations() noexcept {
  return process_count.load(std::memory_order_relaxed);
}

std::optional<std::uint64_t> allocations_of(std::string_view thread_name) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream comm(task.path() / "comm");
    std::getline(comm, name);
    if (name != thread_name) continue;
    const pid_t thread = std::stoi(task.path().filename().string());
    // From the newest: the system gives the numbers of dead threads out again.
    for (std::size_t i = threads_seen.load(); i-- > 0;)
      if (thread_counts[i].thread.load() == thread) return thread_counts[i].count.load();
    return 0;
  }
  return std::nullopt;
}

}  // namespace pinfer

#if !defined(PINFER_SANITIZER_THREAD)
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
#endif
