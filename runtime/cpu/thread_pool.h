// SPDX-License-Identifier: Apache-2.0
// ThreadPool: a fixed number of workers that split one loop at a time.
//
// - The caller works too: a pool of 1 has no worker thread and never synchronises.
// - Work is cut into blocks taken from one atomic counter, so uneven blocks balance.
// - parallel_for allocates nothing. Workers spin briefly after a loop, then sleep on a futex.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

class ThreadPool final {
 public:
  static constexpr int kMaxThreads = 64;

  // `threads` counts the caller: 1..kMaxThreads. Errors: invalid_argument, unavailable (no thread).
  static Result<std::unique_ptr<ThreadPool>> create(int threads);

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  [[nodiscard]] int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(begin, end) over blocks of at most `block` that cover [0, count); returns when all
  // are done. Not reentrant; one caller at a time.
  template <class Body>
  void parallel_for(std::int64_t count, std::int64_t block, const Body& body) noexcept {
    if (count <= 0) return;
    if (workers_.empty() || count <= block) {
      body(std::int64_t{0}, count);
      return;
    }
    const Call call = [](const void* context, std::int64_t begin, std::int64_t end) noexcept {
      (*static_cast<const Body*>(context))(begin, end);
    };
    run(Job{call, &body, count, block});
  }

 private:
  using Call = void (*)(const void* context, std::int64_t begin, std::int64_t end) noexcept;
  struct Job {
    Call call = nullptr;
    const void* context = nullptr;
    std::int64_t count = 0;
    std::int64_t block = 1;
  };

  ThreadPool() = default;
  void run(const Job& job) noexcept;
  void work() noexcept;
  void take_blocks() noexcept;

  std::vector<std::thread> workers_;
  Job job_;
  alignas(64) std::atomic<std::uint32_t> epoch_{0};  // counts jobs; the lowest bit of stop_ ends it
  alignas(64) std::atomic<std::int64_t> next_{0};    // first index not yet taken
  alignas(64) std::atomic<std::uint32_t> running_{0};  // workers still inside the present job
  std::atomic<bool> stop_{false};
};

}  // namespace pinfer
