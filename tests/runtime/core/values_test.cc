// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "runtime/core/aligned_buffer.h"
#include "runtime/core/checked.h"
#include "runtime/core/clock.h"
#include "runtime/core/fixed_vector.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

TEST(Checked, ReportsOverflowAndOnlyThat) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(checked_mul<std::int64_t>(1ll << 31, 1ll << 31), 1ll << 62);
  EXPECT_EQ(checked_mul<std::int64_t>(1ll << 32, 1ll << 31), std::nullopt);
  EXPECT_EQ(checked_mul<std::int64_t>(kMax, -1), -kMax);
  EXPECT_EQ(checked_add<std::int64_t>(kMax, 1), std::nullopt);
  EXPECT_EQ(checked_add<std::uint8_t>(std::uint8_t{200}, std::uint8_t{55}), std::uint8_t{255});
  EXPECT_EQ(checked_add<std::uint8_t>(std::uint8_t{200}, std::uint8_t{56}), std::nullopt);
  EXPECT_EQ(round_up<std::size_t>(0, 64), 0u);
  EXPECT_EQ(round_up<std::size_t>(1, 64), 64u);
  EXPECT_EQ(round_up<std::size_t>(64, 64), 64u);
}

TEST(FixedVector, RefusesWhatDoesNotFitAndStaysAsItWas) {
  FixedVector<int, 3> values{1, 2};
  EXPECT_TRUE(values.push_back(3));
  EXPECT_TRUE(values.full());
  EXPECT_FALSE(values.push_back(4));
  EXPECT_EQ(values, (FixedVector<int, 3>{1, 2, 3}));
  values.truncate(1);
  EXPECT_EQ(values.size(), 1u);
  EXPECT_NE(values, (FixedVector<int, 3>{1, 2, 3}));
  values.clear();
  EXPECT_TRUE(values.empty());
}

TEST(AlignedBuffer, IsAlignedAndZeroed) {
  for (const std::size_t bytes : {1u, 63u, 64u, 65u, 100'000u}) {
    const auto buffer = AlignedBuffer::create(bytes);
    ASSERT_TRUE(buffer.has_value());
    EXPECT_EQ(buffer->size(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer->data()) % kAlignment, 0u);
    for (const std::byte byte : buffer->span()) ASSERT_EQ(byte, std::byte{0});
  }
  EXPECT_EQ(AlignedBuffer::create(0)->data(), nullptr);
}

TEST(AlignedBuffer, ASizeThatWrapsIsAnError) {
  const auto buffer = AlignedBuffer::create(std::numeric_limits<std::size_t>::max());
  ASSERT_FALSE(buffer.has_value());
  EXPECT_EQ(buffer.error().code, ErrorCode::over_budget);
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::invalid_argument, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  PINFER_TRY(const int once, half(value));
  PINFER_CHECK(half(once).map([](int) {}));
  return once / 2;
}

TEST(Result, ErrorsPassThroughUnchanged) {
  EXPECT_EQ(quarter(12).value_or(-1), 3);
  EXPECT_EQ(quarter(5).error(), (Error{ErrorCode::invalid_argument, "5 is odd"}));
  EXPECT_EQ(quarter(6).error(), (Error{ErrorCode::invalid_argument, "3 is odd"}));
}

TEST(Status, HasAWordForEach) {
  for (int i = 0; i <= static_cast<int>(Status::end); ++i)
    EXPECT_NE(to_string(static_cast<Status>(i)), "unknown") << i;
}

TEST(Clock, NeverGoesBack) {
  const MonotonicTime before = MonotonicTime::now();
  const MonotonicTime after = MonotonicTime::now();
  EXPECT_GE(after, before);
  EXPECT_EQ(before + std::chrono::milliseconds(5) - before, std::chrono::milliseconds(5));
  EXPECT_EQ(to_ms(std::chrono::microseconds(1500)), 1.5);
}

TEST(Suggest, FindsSlipsButNotOtherWords) {
  const std::vector<std::string_view> keys = {"threshold_high", "threshold_low", "delayed_on"};
  EXPECT_EQ(nearest("treshold_high", keys), "threshold_high");
  EXPECT_EQ(nearest("delayed_no", keys), "delayed_on");  // two letters swapped: one edit
  EXPECT_EQ(nearest("camera", keys), std::nullopt);
  EXPECT_EQ(nearest("", keys), std::nullopt);
  EXPECT_EQ(edit_distance("abcd", "abdc"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
}

}  // namespace
}  // namespace pinfer
