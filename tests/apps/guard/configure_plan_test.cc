// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/configure_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

constexpr ClientId kAnna = 1;
constexpr ClientId kBert = 2;

ClientName name(std::string_view text) {
  ClientName result;
  EXPECT_TRUE(result.assign(text));
  return result;
}

class ConfigurePlanTest : public ::testing::Test {
 protected:
  void claim(std::size_t first, std::size_t count, ClientId client, std::string_view owner) {
    for (std::size_t i = first; i < first + count; ++i) {
      lines[i].handle = LineHandle{64 + i};
      lines[i].spec = spec(i);
      lines[i].client = client;
      lines[i].configured_by = name(owner);
    }
  }
  static LineSpec spec(std::size_t i) {
    return testing::memory_line(fmt::format("x{}", i), "chip", static_cast<std::uint32_t>(i));
  }
  Result<ConfigurePlan> plan(const std::vector<LineSpec>& specs, std::string_view owner = "anna",
                             ClientId client = kAnna) const {
    return plan_configure(lines, client, name(owner), specs);
  }

  std::array<Line, kMaxLines> lines{};
};

TEST_F(ConfigurePlanTest, RefusesMoreThanTheTableHolds) {
  claim(0, 40, kBert, "bert");
  std::vector<LineSpec> specs;
  for (std::size_t i = 40; i < 64; ++i) specs.push_back(spec(i));
  EXPECT_TRUE(plan(specs));
  specs.push_back(spec(70));
  const auto full = plan(specs);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::over_budget);
}

TEST_F(ConfigurePlanTest, RefusesMoreThanOneClientMayHave) {
  std::vector<LineSpec> specs;
  for (std::size_t i = 0; i <= kMaxClientLines; ++i) specs.push_back(spec(i));
  const auto many = plan(specs);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::over_budget);
}

TEST_F(ConfigurePlanTest, MakesRoomByWhatItDrops) {
  claim(0, 32, kBert, "bert");
  claim(32, 32, kAnna, "anna");
  std::vector<LineSpec> specs;
  for (std::size_t i = 64; i < 96; ++i) specs.push_back(spec(i));
  const auto all_new = plan(specs);
  ASSERT_TRUE(all_new) << all_new.error().message;
  EXPECT_EQ(all_new->drop.count(), 32u);
  EXPECT_TRUE(all_new->moved.none()) << "no wire is needed before";
}

TEST_F(ConfigurePlanTest, LeavesTheLinesOfADeadClientOfAnotherName) {
  claim(0, 2, kNoClient, "bert");
  claim(2, 2, kNoClient, "anna");
  const auto none = plan({});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->drop.to_ulong(), 0b1100u);
  const auto taken = plan({spec(0)});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->slots[0], 0) << "taken over as it is";
}

}  // namespace
}  // namespace pinfer
