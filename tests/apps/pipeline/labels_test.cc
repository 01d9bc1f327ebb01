// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/labels.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "apps/pipeline/utf8.h"

namespace pinfer {
namespace {

using Names = std::vector<std::string>;

Names must_parse(std::string_view text) {
  auto labels = parse_labels(text, "labels.txt");
  EXPECT_TRUE(labels) << labels.error().message;
  return labels ? *labels : Names{};
}

std::string error_of(std::string_view text) {
  const auto labels = parse_labels(text, "labels.txt");
  return labels ? "accepted" : labels.error().message;
}

TEST(Labels, AreTheLines) {
  EXPECT_EQ(must_parse("tench, Tinca tinca\ngoldfish\n"),
            (Names{"tench, Tinca tinca", "goldfish"}));
  EXPECT_EQ(must_parse("one"), Names{"one"});
}

TEST(Labels, MayComeFromWindows) {
  EXPECT_EQ(must_parse("\xEF\xBB\xBFperson\r\nT\xC3\xBCr \r\n\r\n"),
            (Names{"person", "T\xC3\xBCr"}));
}

TEST(Labels, KeepAnEmptyLineInTheMiddleAsAClassWithoutName) {
  EXPECT_EQ(must_parse("a\n\nc\n\n\n"), (Names{"a", "", "c"}));
}

TEST(Labels, MayCarryTheirNumbers) {
  EXPECT_EQ(must_parse("0  person\n2: car\n3\ttruck\n"), (Names{"person", "", "car", "truck"}));
}

TEST(Labels, OfDigitsAreNotNumbers) {
  EXPECT_EQ(must_parse("0\n1\n2\n"), (Names{"0", "1", "2"}));
  EXPECT_EQ(must_parse("1 dog\n2 dogs\nmany dogs\n"), (Names{"1 dog", "2 dogs", "many dogs"}));
  EXPECT_EQ(must_parse("2 b\n1 a\n"), (Names{"2 b", "1 a"})) << "the numbers do not rise";
  EXPECT_EQ(must_parse("99999999 far\n"), Names{"99999999 far"});
}

TEST(Labels, AreRefusedWhenTheyAreSomethingElse) {
  using namespace std::string_literals;
  EXPECT_EQ(error_of(""), "labels.txt: holds no labels");
  EXPECT_EQ(error_of("\n\n"), "labels.txt: holds no labels");
  EXPECT_EQ(error_of("a\nb\0c\n"s), "labels.txt:2: not UTF-8 text; is this a label file?");
  EXPECT_EQ(error_of("\xff\xfe"), "labels.txt:1: not UTF-8 text; is this a label file?");
  EXPECT_EQ(error_of(std::string(257, 'x')),
            "labels.txt:1: a label of 257 bytes, at most 256 are allowed");
  std::string many;
  for (int i = 0; i < 65537; ++i) many += "x\n";
  EXPECT_EQ(error_of(many), "labels.txt: 65537 labels, at most 65536 are allowed");
}

TEST(Labels, AreReadFromABoundedFile) {
  const auto path = std::filesystem::temp_directory_path() / "pinfer_labels_test.txt";
  std::ofstream(path) << "cat\ndog\n";
  EXPECT_EQ(load_labels(path.string()).value(), (Names{"cat", "dog"}));
  std::ofstream(path) << std::string(kMaxLabelFileBytes + 1, '\n');
  const auto huge = load_labels(path.string());
  std::filesystem::remove(path);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::over_budget);
  EXPECT_EQ(load_labels("/nonexistent/labels.txt").error().code, ErrorCode::not_found);
}

TEST(Labels, AreFoundBothWays) {
  const Names labels = {"crane", "kite", "crane"};
  EXPECT_EQ(label_of(labels, 1), "kite");
  EXPECT_EQ(label_of(labels, 3), "");
  EXPECT_EQ(label_of(labels, -1), "");
  EXPECT_EQ(classes_of(labels, "crane"), (std::vector<std::int32_t>{0, 2}));
  EXPECT_TRUE(classes_of(labels, "cran").empty());
}

TEST(Utf8, KnowsWhatIsValid) {
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xC3\xBC"), 2u);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3u);
  EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80"), 4u);
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\x80", "\xC3", "\xC3(", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8"}) {
    EXPECT_EQ(utf8_length(bad), 0u) << static_cast<int>(static_cast<unsigned char>(bad[0]));
  }
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(count_characters("T\xC3\xBCr"), 3u);
  EXPECT_EQ(count_characters("a\xFF"
                             "b"),
            3u);
  EXPECT_TRUE(is_text("a\tb"));
  EXPECT_FALSE(is_text("a\x1b[31mb"));
  EXPECT_FALSE(is_text("\x7f"));
}

}  // namespace
}  // namespace pinfer
