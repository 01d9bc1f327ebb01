// SPDX-License-Identifier: Apache-2.0
// ThreadPool: a fixed number of workers that split one loop at a time.
//
// - The caller works too: a pool of 1 has no worker thread and never synchronises.
// - Work is cut into blocks. Each thread starts with a share of its own, the same part of every
//   loop, so that a step finds in its cache what the step before left there; who is done takes
//   blocks of the others, so uneven blocks and a late worker balance.
// - A worker joins a loop only while it is open. The caller closes it when no block is left and
//   waits for those inside: nobody waits for a sleeper to wake up and find nothing to do.
// - parallel_for allocates nothing. Workers spin for a moment after a loop, then sleep on a futex.
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
  // What is left of one thread's part of the job.
  struct alignas(64) Share {
    std::atomic<std::int64_t> next{0};
    std::int64_t end = 0;
  };
  static constexpr std::uint32_t kOpen = 1U << 31;

  explicit ThreadPool(int threads) : shares_(static_cast<std::size_t>(threads)) {}
  void run(const Job& job) noexcept;
  void work(std::size_t self) noexcept;
  bool join() noexcept;
  void take_blocks(std::size_t self) noexcept;

  std::vector<std::thread> workers_;
  std::vector<Share> shares_;  // of the caller, then of each worker
  Job job_;
  alignas(64) std::atomic<std::uint32_t> loops_{0};   // counts loops; workers sleep on it
  alignas(64) std::atomic<std::uint32_t> inside_{0};  // workers in the present loop, and kOpen
  std::atomic<bool> stop_{false};
};

}  // namespace pinfer
