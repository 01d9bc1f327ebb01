// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace pinfer {
namespace {

TEST(ThreadPool, CoversEveryIndexOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    auto pool = ThreadPool::create(threads);
    ASSERT_TRUE(pool);
    for (const std::int64_t count : {0, 1, 2, 7, 64, 1000}) {
      for (const std::int64_t block : {1, 3, 64}) {
        std::vector<int> seen(static_cast<std::size_t>(count), 0);
        (*pool)->parallel_for(count, block, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
        });
        EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), count);
      }
    }
  }
}

TEST(ThreadPool, RunsManyLoopsInARow) {
  auto pool = ThreadPool::create(4);
  ASSERT_TRUE(pool);
  std::atomic<std::int64_t> sum{0};
  for (int round = 0; round < 20'000; ++round)
    (*pool)->parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) {
      sum.fetch_add(end - begin, std::memory_order_relaxed);
    });
  EXPECT_EQ(sum.load(), 160'000);
}

TEST(ThreadPool, RefusesAThreadCountOutOfRange) {
  for (const int threads : {-1, 0, ThreadPool::kMaxThreads + 1}) {
    const auto pool = ThreadPool::create(threads);
    ASSERT_FALSE(pool);
    EXPECT_EQ(pool.error().code, ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace pinfer
