// SPDX-License-Identifier: Apache-2.0
// Every bad_configs/<name>.yaml must give exactly the text of <name>.expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "runtime/core/files.h"
#include "tests/apps/pipeline/config_fixture.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> bad_configs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(PINFER_BAD_CONFIGS)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string content(const std::string& name, const std::string& extension) {
  const std::string path = (fs::path(PINFER_BAD_CONFIGS) / (name + extension)).string();
  const auto text = read_file(path, kMaxConfigBytes);
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : "";
}

class BadConfig : public testing::TestWithParam<std::string> {};

TEST_P(BadConfig, GivesExactlyTheExpectedMessages) {
  const std::string expected = content(GetParam(), ".expected");
  const ConfigLoad load = parse_text(content(GetParam(), ".yaml"));
  EXPECT_FALSE(load) << "it was accepted";
  EXPECT_EQ(render_text(load.diagnostics), expected);
}

TEST_P(BadConfig, NamesALineAndAColumnInsideTheFile) {
  const std::string text = content(GetParam(), ".yaml");
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  for (const Diagnostic& diagnostic : parse_text(text).diagnostics) {
    EXPECT_EQ(diagnostic.file, "config.yaml");
    EXPECT_GE(diagnostic.line, 1);
    EXPECT_LE(diagnostic.line, lines + 1);
    EXPECT_GE(diagnostic.column, 1);
    EXPECT_GE(diagnostic.caret, 1);
    EXPECT_LE(diagnostic.caret, static_cast<int>(diagnostic.source.size()) + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, BadConfig, testing::ValuesIn(bad_configs()),
                         [](const auto& param) { return param.param; });

TEST(BadConfigs, AreAtLeastEighty) { EXPECT_GE(bad_configs().size(), 80u); }

TEST(BadConfigs, HaveNoExpectationWithoutAFile) {
  for (const auto& entry : fs::directory_iterator(PINFER_BAD_CONFIGS)) {
    if (entry.path().extension() != ".expected") continue;
    EXPECT_TRUE(fs::exists(fs::path(entry.path()).replace_extension(".yaml"))) << entry.path();
  }
}

}  // namespace
}  // namespace pinfer
