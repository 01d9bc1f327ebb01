// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpu/thread_pool.h"

#include <algorithm>
#include <system_error>

namespace pinfer {
namespace {

// Steps of a net follow each other within microseconds; sleeping in between would cost more.
constexpr int kSpins = 2000;

inline void relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

template <class Value>
void wait_while(const std::atomic<Value>& word, Value old) noexcept {
  for (int i = 0; i < kSpins; ++i) {
    if (word.load(std::memory_order_acquire) != old) return;
    relax();
  }
  word.wait(old, std::memory_order_acquire);
}

}  // namespace

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads) {
  if (threads < 1 || threads > kMaxThreads)
    return fail(ErrorCode::invalid_argument, "threads is {}, it must be 1..{}", threads,
                kMaxThreads);
  std::unique_ptr<ThreadPool> pool(new ThreadPool());
  pool->workers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (int i = 1; i < threads; ++i)
      pool->workers_.emplace_back([raw = pool.get()] { raw->work(); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::unavailable, "cannot start worker thread {} of {}: {}",
                pool->workers_.size() + 1, threads - 1, error.what());
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
  epoch_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(const Job& job) noexcept {
  job_ = job;
  next_.store(0, std::memory_order_relaxed);
  running_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
  epoch_.notify_all();
  take_blocks();
  // Every worker must have left the job before job_ may change.
  for (std::uint32_t left = running_.load(std::memory_order_acquire); left != 0;
       left = running_.load(std::memory_order_acquire))
    wait_while(running_, left);
}

void ThreadPool::take_blocks() noexcept {
  for (;;) {
    const std::int64_t begin = next_.fetch_add(job_.block, std::memory_order_relaxed);
    if (begin >= job_.count) return;
    job_.call(job_.context, begin, std::min(begin + job_.block, job_.count));
  }
}

void ThreadPool::work() noexcept {
  std::uint32_t seen = 0;
  for (;;) {
    wait_while(epoch_, seen);
    ++seen;
    if (stop_.load(std::memory_order_relaxed)) return;
    take_blocks();
    if (running_.fetch_sub(1, std::memory_order_release) == 1) running_.notify_one();
  }
}

}  // namespace pinfer
