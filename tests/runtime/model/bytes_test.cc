// SPDX-License-Identifier: Apache-2.0
// Rule V1: bytes that are no model, or a damaged one; and V12 for what is too large.
#include <fstream>

#include "runtime/model/text.h"
#include "tests/runtime/model/broken_model.h"

namespace pinfer {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string refusal_of_text(const std::string& text) {
  return refusal_of(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(ModelBytes, AnEmptyFileIsNamedAsSuch) {
  EXPECT_EQ(refusal_of_text(""), "V1: the file is empty");
}

TEST(ModelBytes, AFewBytesAreCutShort) {
  EXPECT_EQ(refusal_of_text("\x1c\x01\x02"), "V1: the file is cut short: it has 3 bytes");
}

TEST(ModelBytes, OtherKindsOfFilesAreNamedWithTheWayOut) {
  EXPECT_THAT(refusal_of_text("version https://git-lfs.github.com/spec/v1\noid sha256:12\n"),
              HasSubstr("Git LFS pointer, not the model itself: run `git lfs pull`"));
  EXPECT_THAT(refusal_of_text("#include \"m.h\"\nalignas(8) const unsigned char g_model[] = {\n"
                              "  0x1c, 0x00, 0x00, 0x00, 0x54, 0x46, 0x4c, 0x33};\n"),
              HasSubstr("C source that holds a model as an array"));
  EXPECT_THAT(refusal_of_text(std::string("PK\x03\x04rest", 8)), HasSubstr("zip archive"));
  EXPECT_THAT(refusal_of_text(std::string("\x08\x07\x12\x07pytorch", 11)), HasSubstr("ONNX"));
  EXPECT_THAT(refusal_of_text("\x89HDF\r\n\x1a\n"), HasSubstr("HDF5"));
  EXPECT_THAT(refusal_of_text("<!DOCTYPE html><html>"), HasSubstr("web page"));
  EXPECT_THAT(refusal_of_text("a letter to somebody\n"), HasSubstr("text file"));
  EXPECT_THAT(refusal_of_text("\x01\x02\x03\x04"
                              "ABCD\x05\x06"),
              HasSubstr("'ABCD'"));
}

TEST(ModelBytes, ControlCharactersOfTheFileDoNotReachTheMessage) {
  const std::string message = refusal_of_text("\x01\x02\x03\x04\x1b[2J\x05\x06");
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_THAT(message, HasSubstr("'?[2J'"));
}

TEST(ModelBytes, AnotherFormatVersionIsRefused) {
  test::ModelBuilder builder = test::add_model();
  builder.version = 2;
  EXPECT_EQ(refusal_of(builder), "V1: the file has format version 2, expected 3");
}

TEST(ModelBytes, AModelWithoutSubgraphsIsRefused) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs.clear();
  EXPECT_THAT(refusal_of(builder), StartsWith("V1: the file has no subgraph"));
}

TEST(ModelBytes, MisalignedBytesAreReadLikeAlignedOnes) {
  const auto bytes = test::digits_model().finish();
  for (std::size_t shift = 1; shift < 16; ++shift) {
    std::vector<std::byte> moved(bytes.size() + shift);
    std::copy(bytes.begin(), bytes.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));
    const auto model = read_tflite(std::span(moved).subspan(shift), "m", {});
    ASSERT_TRUE(model.has_value()) << model.error().message;
    EXPECT_EQ(model->graph.tensor(1).data.size(), 4u * 9u);
    // The copy belongs to the model.
    moved.assign(moved.size(), std::byte{0});
    EXPECT_NE(model->graph.tensor(1).data[0], std::byte{0});
  }
}

TEST(ModelBytes, DataBehindTheFlatbufferIsFound) {
  test::ModelBuilder builder = test::add_model();
  auto& y = builder.graphs[0].tensors[1];
  y.outside_offset = 99;  // a field that is written, so that the size stays the same
  y.outside_size = 16;
  builder.graphs[0].inputs = {0};
  auto size = builder.finish().size();
  size += -size % 16;
  y.outside_offset = size;
  auto bytes = builder.finish();
  bytes.resize(size);
  const std::vector<float> values = {1, 2, 3, 4};
  const auto* first = reinterpret_cast<const std::byte*>(values.data());
  bytes.insert(bytes.end(), first, first + 16);
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto& info = model->graph.tensor(1);
  ASSERT_EQ(info.data.size(), 16u);
  EXPECT_TRUE(std::equal(info.data.begin(), info.data.end(), first));
}

TEST(ModelBytes, DataThatLiesOutsideTheFileIsRefused) {
  for (const auto& [offset, size] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
           {1u << 20, 16}, {2, ~0ull}, {~0ull, 16}, {~0ull - 8, 16}, {~0ull, ~0ull}}) {
    test::ModelBuilder builder = test::add_model();
    auto& y = builder.graphs[0].tensors[1];
    y.outside_offset = offset;
    y.outside_size = size;
    EXPECT_THAT(refusal_of(builder), HasSubstr("outside the file")) << offset << " " << size;
  }
}

TEST(ModelBytes, AFileBeyondTheBudgetIsRefusedBeforeItIsMapped) {
  const std::string path = ::testing::TempDir() + "budget_test.tflite";
  const auto bytes = test::digits_model().finish();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  Budgets budgets;
  EXPECT_TRUE(read_tflite(path, budgets).has_value());
  budgets.file_bytes = bytes.size() - 1;
  const auto refused = read_tflite(path, budgets);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::over_budget);
  EXPECT_EQ(read_tflite(std::span(bytes), "m", budgets).error().code, ErrorCode::over_budget);
}

TEST(ModelBytes, EveryTruncationIsRefused) {
  const auto bytes = test::digits_model(270).finish();
  ASSERT_GT(bytes.size(), 48u << 10);
  // Behind the flatbuffer lies the zip of labels: a cut there only loses labels.
  const auto flat = test::digits_model(270);
  std::size_t zip = 0;
  for (std::size_t i = 0; i + 4 < bytes.size(); ++i)
    if (std::memcmp(bytes.data() + i, "PK\x03\x04", 4) == 0) zip = i;
  ASSERT_GT(zip, 48u << 10);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto model = read_tflite(std::span(bytes).first(length), "m", {});
    if (length < zip - 16) {
      EXPECT_FALSE(model.has_value()) << length;
    } else if (model) {
      EXPECT_TRUE(model->metadata.outputs.at(0).labels.empty()) << length;
    }
  }
}

TEST(ModelBytes, CountsBeyondTheBudgetAreRefused) {
  Budgets budgets;
  budgets.tensors = 2;
  EXPECT_EQ(refusal_of(test::add_model(), budgets),
            "V12: the model has 3 tensors, the budget is 2");
  budgets = {};
  budgets.operators = 4;
  EXPECT_EQ(refusal_of(test::digits_model(), budgets),
            "V12: the model has 5 operators, the budget is 4");
}

TEST(ModelBytes, WhatIsCopiedOutOfTheFileIsCountedAgainstTheBudget) {
  Budgets budgets;
  budgets.constant_bytes = 64;
  EXPECT_THAT(refusal_of(test::digits_model(), budgets), HasSubstr("V12: "));
}

TEST(CleanText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(clean_text("Stra\xc3\x9f"
                       "e \xe2\x82\xac \xf0\x9f\x90\x88",
                       64),
            "Stra\xc3\x9f"
            "e \xe2\x82\xac \xf0\x9f\x90\x88");
  EXPECT_EQ(clean_text("a\x1b[1mb\x7f\n", 64), "a?[1mb??");
  EXPECT_EQ(clean_text("\xc2\x9b"
                       "1m",
                       64),
            "?1m");                                       // C1 control
  EXPECT_EQ(clean_text("\xc0\xaf", 64), "??");            // overlong
  EXPECT_EQ(clean_text("\xed\xa0\x80", 64), "???");       // surrogate
  EXPECT_EQ(clean_text("\xf5\x80\x80\x80", 64), "????");  // above U+10FFFF
  EXPECT_EQ(clean_text("\xe2\x82", 64), "??");            // cut
  EXPECT_EQ(clean_text("\xe2\x82\xac\xe2\x82\xac", 5), "\xe2\x82\xac");
}

}  // namespace
}  // namespace pinfer
