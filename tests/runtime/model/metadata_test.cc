// SPDX-License-Identifier: Apache-2.0
// Labels and normalisation; and that nothing in the metadata can stop a model from being read.
#include <algorithm>

#include "runtime/model/zip_directory.h"
#include "tests/runtime/model/broken_model.h"
#include "tests/support/zoo.h"

namespace pinfer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Metadata metadata_of(std::span<const std::byte> bytes) {
  const auto model = read_tflite(bytes, "m", {});
  EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().message);
  return model ? model->metadata : Metadata{};
}

TEST(ModelMetadata, LabelsAndNormalisationAreRead) {
  for (const bool deflate : {false, true}) {
    test::ModelBuilder builder = test::add_model();
    builder.metadata = test::MetadataSpec{.name = "two",
                                          .description = "for a test",
                                          .labels = {{"cat", "", "dog\x1b[2J"}, {}},
                                          .mean = {127.5f, 0, 1},
                                          .stddev = {127.5f, 1, 2},
                                          .deflate = deflate};
    const Metadata metadata = metadata_of(builder.finish());
    EXPECT_EQ(metadata.name, "two");
    EXPECT_EQ(metadata.description, "for a test");
    ASSERT_EQ(metadata.inputs.size(), 1u);
    EXPECT_THAT(metadata.inputs[0].normalisation.mean, ElementsAre(127.5f, 0, 1));
    EXPECT_THAT(metadata.inputs[0].normalisation.stddev, ElementsAre(127.5f, 1, 2));
    ASSERT_EQ(metadata.outputs.size(), 2u);
    EXPECT_THAT(metadata.outputs[0].labels, ElementsAre("cat", "", "dog?[2J"));
    EXPECT_THAT(metadata.outputs[1].labels, IsEmpty());
  }
}

TEST(ModelMetadata, AModelWithoutAnyHasNone) {
  const Metadata metadata = metadata_of(test::add_model().finish());
  EXPECT_THAT(metadata.inputs, IsEmpty());
  EXPECT_THAT(metadata.outputs, IsEmpty());
}

TEST(ModelMetadata, NormalisationThatDividesByZeroIsLeftOut) {
  test::ModelBuilder builder = test::add_model();
  builder.metadata = test::MetadataSpec{.mean = {0.0f}, .stddev = {0.0f}};
  const Metadata metadata = metadata_of(builder.finish());
  ASSERT_EQ(metadata.inputs.size(), 1u);
  EXPECT_THAT(metadata.inputs[0].normalisation.stddev, IsEmpty());
  EXPECT_THAT(metadata.inputs[0].normalisation.mean, IsEmpty());
}

// From the first byte that belongs to metadata: every flip leaves the model as it is.
TEST(ModelMetadata, DamageThereNeverCostsTheModel) {
  const std::vector<std::byte> bytes = test::digits_model().finish();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t zip = text.find("PK\x03\x04");
  ASSERT_NE(zip, std::string_view::npos);
  for (std::size_t bit = zip * 8; bit < bytes.size() * 8; ++bit) {
    std::vector<std::byte> flipped = bytes;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto model = read_tflite(flipped, "m", {});
    ASSERT_TRUE(model.has_value()) << bit << model.error().message;
    EXPECT_EQ(model->graph.nodes.size(), 5u);
  }
  // The flatbuffer of the description.
  const std::size_t about = text.find("M001");
  ASSERT_NE(about, std::string_view::npos);
  for (std::size_t bit = (about - 4) * 8; bit < (about + 400) * 8; ++bit) {
    std::vector<std::byte> flipped = bytes;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    static_cast<void>(read_tflite(flipped, "m", {}));
  }
}

TEST(ZipDirectory, ListsAndUnpacksMembers) {
  const std::string long_text(100'000, 'x');
  for (const bool deflate : {false, true}) {
    const auto zip = test::make_zip({{"a.txt", "one"}, {"b.txt", long_text}}, deflate, 0);
    const auto entries = read_zip_directory(zip);
    ASSERT_TRUE(entries.has_value());
    ASSERT_EQ(entries->size(), 2u);
    EXPECT_EQ(unpack(zip, (*entries)[0], 100).value_or("?"), "one");
    EXPECT_EQ(unpack(zip, (*entries)[1], 100'000).value_or("?"), long_text);
    EXPECT_EQ(unpack(zip, (*entries)[1], 99'999).error().code, ErrorCode::over_budget);
  }
}

TEST(ZipDirectory, OffsetsFromTheStartOfTheArchiveAreUnderstood) {
  auto zip = test::make_zip({{"a.txt", "one"}}, false, 0);
  zip.insert(zip.begin(), 1000, std::byte{7});
  const auto entries = read_zip_directory(zip);
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 1u);
  EXPECT_EQ(unpack(zip, (*entries)[0], 100).value_or("?"), "one");
}

TEST(ZipDirectory, ABombIsStoppedByTheStatedSize) {
  const std::string zeros(10 << 20, '\0');
  auto zip = test::make_zip({{"bomb", zeros}}, true, 0);
  auto entries = read_zip_directory(zip);
  ASSERT_TRUE(entries.has_value());
  (*entries)[0].unpacked = 1000;  // the directory lies
  EXPECT_FALSE(unpack(zip, (*entries)[0], 2000).has_value());
}

TEST(ZipDirectory, EveryTruncationAndFlipIsSurvived) {
  const auto zip = test::make_zip({{"a.txt", "one"}, {"b.txt", std::string(300, 'y')}}, true, 0);
  const auto try_all = [](std::span<const std::byte> bytes) {
    if (const auto entries = read_zip_directory(bytes))
      for (const ZipEntry& entry : *entries) static_cast<void>(unpack(bytes, entry, 1000));
  };
  for (std::size_t length = 0; length < zip.size(); ++length) try_all(std::span(zip).first(length));
  for (std::size_t bit = 0; bit < zip.size() * 8; ++bit) {
    auto flipped = zip;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    try_all(flipped);
  }
}

TEST(ModelMetadata, RealModelsCarryLabels) {
  const auto files =
      test::zoo_files("zoo/google-coral+test_data", "mobilenet_v2_1.0_224_quant.tflite");
  if (files.empty()) GTEST_SKIP() << "no models below " << test::zoo_folder();
  const auto model = read_tflite(files[0], {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  ASSERT_EQ(model->metadata.outputs.size(), 1u);
  EXPECT_EQ(model->metadata.outputs[0].labels.size(), 1001u);
  EXPECT_EQ(model->metadata.outputs[0].labels[0], "background");
  ASSERT_EQ(model->metadata.inputs.size(), 1u);
  EXPECT_EQ(model->metadata.inputs[0].normalisation.mean.size(), 1u);
}

}  // namespace
}  // namespace pinfer
