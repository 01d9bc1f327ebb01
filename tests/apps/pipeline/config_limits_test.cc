// SPDX-License-Identifier: Apache-2.0
// Files that attack the reader: deep, wide, endless, binary, cut and mutated ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/core/files.h"
#include "tests/apps/pipeline/config_fixture.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr int kDeep = 100000;

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// One diagnostic with that message, at that place (column 0: anywhere on the line), in bounded
// time.
void expect_refused(const std::string& text, int line, int column, const std::string& message) {
  const auto start = std::chrono::steady_clock::now();
  const ConfigLoad load = parse_text(text);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u) << render_text(load.diagnostics);
  EXPECT_EQ(load.diagnostics[0].line, line);
  if (column != 0) {
    EXPECT_EQ(load.diagnostics[0].column, column);
  }
  EXPECT_EQ(load.diagnostics[0].message, message);
}

TEST(ConfigLimits, RefuseListsNested100000Deep) {
  // yaml-cpp takes a '[' that is never closed for a map with that key: it counts twice
  expect_refused("rules: " + repeat("[", kDeep), 1, 0, "nested deeper than 32 levels");
}

TEST(ConfigLimits, RefuseClosedListsNested100000Deep) {
  expect_refused("rules: " + repeat("[", kDeep) + repeat("]", kDeep), 1, 39,
                 "nested deeper than 32 levels");
}

TEST(ConfigLimits, RefuseMapsNested100000Deep) {
  expect_refused("rules: " + repeat("{a: ", kDeep), 1, 132, "nested deeper than 32 levels");
}

TEST(ConfigLimits, RefuseDashesNested100000Deep) {
  expect_refused(repeat("- ", kDeep), 1, 65, "nested deeper than 32 levels");
}

TEST(ConfigLimits, RefuseBlocksNestedByIndentation) {
  std::string text;
  for (std::size_t depth = 0; depth < 1300; ++depth) text += std::string(depth, ' ') + "a:\n";
  expect_refused(text, 33, 33, "nested deeper than 32 levels");
}

TEST(ConfigLimits, RefuseAnAliasBombOfLists) {
  std::string text = "templates:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    text += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below +
            repeat(", " + below, 8) + "]\n";
  }
  const ConfigLoad load = parse_text(text);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].line, 6);
  EXPECT_EQ(load.diagnostics[0].message,
            "more than 20000 values, aliases included; at most so many are allowed");
}

TEST(ConfigLimits, RefuseAnAliasBombOfMergeKeys) {
  std::string text = "templates:\n  b0: &b0 {";
  for (int i = 0; i < 100; ++i) text += "k" + std::to_string(i) + ": 1, ";
  text += "z: 1}\n";
  for (int i = 0; i < 200; ++i) text += "  c" + std::to_string(i) + ": {<<: *b0}\n";
  const ConfigLoad load = parse_text(text);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].message,
            "more than 20000 values, aliases included; at most so many are allowed");
}

TEST(ConfigLimits, RefuseTooManyValues) {
  expect_refused("rules: [" + repeat("x,", 30000) + "x]\n", 1, 40003,
                 "more than 20000 values, aliases included; at most so many are allowed");
}

TEST(ConfigLimits, RefuseAFileOfTenMegabytes) {
  const auto path = std::filesystem::temp_directory_path() / "pinfer_config_ten_megabytes.yaml";
  std::ofstream(path) << repeat(
      "# a comment of sixty-four bytes, the same one again and again...\n", 160000);
  const ConfigLoad load = load_config(path.string(), test_options());
  std::filesystem::remove(path);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].line, 0);
  EXPECT_NE(load.diagnostics[0].message.find("1048576"), std::string::npos)
      << load.diagnostics[0].message;
}

TEST(ConfigLimits, RefuseATextOfTenMegabytes) {
  const ConfigLoad load = parse_text(repeat("x", 10 << 20));
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].message,
            "the file has 10485760 bytes, at most 1048576 are allowed; is this the right file?");
}

TEST(ConfigLimits, RefuseABinaryFile) {
  using namespace std::string_literals;
  expect_refused("camera:\n  so\0urce: x\n"s, 2, 5, "byte 0x00 is not UTF-8 text");
  expect_refused(
      "\x7f"
      "ELF\x02\x01\x01\n",
      1, 1, "byte 0x7f is not UTF-8 text");
  expect_refused("board: \xff\xfe\n", 1, 8, "byte 0xff is not UTF-8 text");
  expect_refused("board: \xc3\xa4\xe2\x82\n", 1, 9, "byte 0xe2 is not UTF-8 text");
}

TEST(ConfigLimits, RefuseAFolderAndAFileThatIsNotThere) {
  for (const char* path : {"/nonexistent/config.yaml", "/"}) {
    const ConfigLoad load = load_config(path, test_options());
    EXPECT_FALSE(load);
    ASSERT_EQ(load.diagnostics.size(), 1u);
    EXPECT_EQ(load.diagnostics[0].line, 0);
  }
}

TEST(ConfigLimits, ShowAHundredErrorsAndCountTheRest) {
  std::string text = "board: generic\n";
  for (int i = 0; i < 150; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const ConfigLoad load = parse_text(text);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 101u);
  EXPECT_EQ(load.diagnostics.back().message, "and 52 more");  // camera and model are missing too
}

TEST(ConfigLimits, BoundTheErrorsOfOneLongLine) {
  std::string text = "{";
  for (int i = 0; i < 9000; ++i)
    text += "key_of_some_length_" + std::to_string(i) + ": '\xC3\xBC', ";
  const auto start = std::chrono::steady_clock::now();
  const ConfigLoad load = parse_text(text + "z: 1}\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  ASSERT_EQ(load.diagnostics.size(), 101u);
  EXPECT_LE(load.diagnostics[99].source.size(), 200u) << "a part of the line is enough";
}

std::string good_config() {
  const auto text = read_file(std::string(PINFER_GOOD_CONFIGS) + "/gate.yaml", kMaxConfigBytes);
  return text ? *text : "";
}

TEST(ConfigLimits, SurviveEveryTruncationOfAGoodFile) {
  const std::string text = good_config();
  ASSERT_FALSE(text.empty());
  for (std::size_t length = 0; length < text.size(); ++length) {
    const ConfigLoad load = parse_text(text.substr(0, length));
    EXPECT_EQ(load.config.has_value(), !has_errors(load.diagnostics)) << length;
  }
}

RC_GTEST_PROP(ConfigLimits, SurviveAFewWrongBytesInAGoodFile, ()) {
  std::string text = good_config();
  RC_ASSERT(!text.empty());
  const auto edits = *rc::gen::inRange(1, 5);
  for (int i = 0; i < edits; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto byte = *rc::gen::oneOf(rc::gen::element('{', '}', '[', ']', ':', '-', '\n', ' ', '&',
                                                       '*', '"', '#', '|', '?', '!', '$', '\t'),
                                      rc::gen::character<char>());
    if (*rc::gen::arbitrary<bool>()) {
      text[at] = byte;
    } else {
      text.insert(at, 1, byte);
    }
  }
  const ConfigLoad load = parse_text(text);
  RC_ASSERT(load.config.has_value() == !has_errors(load.diagnostics));
}

}  // namespace
}  // namespace pinfer
