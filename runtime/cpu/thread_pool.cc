// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpu/thread_pool.h"

#include <algorithm>
#include <system_error>

#include "runtime/core/clock.h"

namespace pinfer {
namespace {

// Steps of a net follow each other within microseconds, those that threads share within a few tens
// of them; sleeping in between would cost more: some 10 us to wake up.
constexpr Duration kSpin = std::chrono::microseconds(200);
constexpr int kLooksPerClock = 32;
constexpr std::int64_t kLongBlock = 1024, kCacheLine = 64;

inline void relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
  MonotonicTime until;
  for (bool first = true;; first = false) {
    for (int i = 0; i < kLooksPerClock; ++i) {
      if (word.load(std::memory_order_acquire) != old) return;
      relax();
    }
    const MonotonicTime now = MonotonicTime::now();
    if (first) until = now + kSpin;
    if (now >= until) break;
  }
  word.wait(old, std::memory_order_acquire);
}

}  // namespace

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(int threads) {
  if (threads < 1 || threads > kMaxThreads)
    return fail(ErrorCode::invalid_argument, "threads is {}, it must be 1..{}", threads,
                kMaxThreads);
  std::unique_ptr<ThreadPool> pool(new ThreadPool(threads));
  pool->workers_.reserve(static_cast<std::size_t>(threads) - 1);
  try {
    for (std::size_t i = 1; i < pool->shares_.size(); ++i)
      pool->workers_.emplace_back([raw = pool.get(), i] { raw->work(i); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::unavailable, "cannot start worker thread {} of {}: {}",
                pool->workers_.size() + 1, threads - 1, error.what());
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  loops_.fetch_add(1, std::memory_order_release);
  loops_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::run(const Job& job) noexcept {
  job_ = job;
  const auto threads = static_cast<std::int64_t>(shares_.size());
  // Even shares, whatever the block: what remains of one is a shorter block. Between the elements
  // of long blocks they are cut where cache lines may end.
  const std::int64_t unit = job.block >= kLongBlock ? kCacheLine : 1;
  const std::int64_t units = (job.count + unit - 1) / unit;
  std::int64_t begin = 0;
  for (std::int64_t i = 0; i < threads; ++i) {
    Share& share = shares_[static_cast<std::size_t>(i)];
    share.next.store(begin, std::memory_order_relaxed);
    begin = std::min((units * (i + 1) + threads - 1) / threads * unit, job.count);
    share.end = begin;
  }
  inside_.store(kOpen, std::memory_order_release);
  loops_.fetch_add(1, std::memory_order_release);
  loops_.notify_all();
  take_blocks(0);
  // Everybody must have left before job_ and the shares may change.
  std::uint32_t left = inside_.fetch_and(~kOpen, std::memory_order_acquire) & ~kOpen;
  while (left != 0) {
    wait_while(inside_, left);
    left = inside_.load(std::memory_order_acquire);
  }
}

void ThreadPool::take_blocks(std::size_t self) noexcept {
  const std::size_t threads = shares_.size();
  for (std::size_t i = 0; i < threads; ++i) {
    Share& share = shares_[(self + i) % threads];
    for (;;) {
      const std::int64_t begin = share.next.fetch_add(job_.block, std::memory_order_relaxed);
      if (begin >= share.end) break;
      job_.call(job_.context, begin, std::min(begin + job_.block, share.end));
    }
  }
}

bool ThreadPool::join() noexcept {
  std::uint32_t now = inside_.load(std::memory_order_relaxed);
  while ((now & kOpen) != 0)
    if (inside_.compare_exchange_weak(now, now + 1, std::memory_order_acquire,
                                      std::memory_order_relaxed))
      return true;
  return false;
}

void ThreadPool::work(std::size_t self) noexcept {
  for (std::uint32_t seen = 0;;) {
    wait_while(loops_, seen);
    seen = loops_.load(std::memory_order_acquire);
    if (stop_.load(std::memory_order_relaxed)) return;
    if (!join()) continue;
    take_blocks(self);
    // The last one out of a closed loop may be waited for.
    if (inside_.fetch_sub(1, std::memory_order_release) == 1) inside_.notify_one();
  }
}

}  // namespace pinfer
