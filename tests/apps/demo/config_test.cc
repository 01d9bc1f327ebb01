// SPDX-License-Identifier: Apache-2.0
// The shipped configuration: it loads, and it says something about every digit.
#include <gtest/gtest.h>

#include "apps/demo/verdict.h"
#include "apps/pipeline/config_load.h"

namespace pinfer {
namespace {

TEST(DemoConfig, LoadsWithoutAWordOfComplaint) {
  ConfigOptions options;
  options.boards_dir = "boards";
  const ConfigLoad load = load_config("apps/demo/config.yaml", options);
  for (const Diagnostic& diagnostic : load.diagnostics) ADD_FAILURE() << diagnostic.message;
  ASSERT_TRUE(load);
  EXPECT_EQ(load.config->board, "simulated");
  EXPECT_EQ(load.config->outputs.size(), 4u);
}

TEST(DemoConfig, HasOneOutputForEveryDigitAndNoneForAnEmptyBoard) {
  ConfigOptions options;
  options.boards_dir = "boards";
  const auto config = require_config("apps/demo/config.yaml", options);
  ASSERT_TRUE(config) << config.error().message;
  for (int digit = 0; digit < 10; ++digit)
    EXPECT_EQ(outputs_for(*config, std::to_string(digit)).size(), 1u) << digit;
  EXPECT_TRUE(outputs_for(*config, "none").empty());
}

}  // namespace
}  // namespace pinfer
