// SPDX-License-Identifier: Apache-2.0
// How labelled data are found and how bytes become input.
#include "apps/pinfer/data_set.h"

#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "apps/pinfer/coco.h"
#include "apps/pinfer/normalise.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Data : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("pinfer_data_set_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  static std::vector<std::int32_t> classes(const DataSet& data) {
    std::vector<std::int32_t> result;
    for (const Example& example : data.examples) result.push_back(example.label);
    return result;
  }

  std::filesystem::path folder_;
};

const std::vector<std::string> kLabels = {
    "background", "tench, Tinca tinca", "crane", "space bar", "crane", "7"};

TEST_F(Data, ReadsCsvListsAndCountsWhatIsMissing) {
  write("y_labels.csv", "file,classes,class\na.bin,6,3\nb.bin,6,1\r\n# note\ngone.bin,6,2\n");
  write("a.bin", "x");
  write("b.bin", "x");
  const auto data = open_data_set(folder_.string(), kLabels, 0);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_THAT(classes(*data), ElementsAre(3, 1));
  EXPECT_EQ(data->missing, 1);
  EXPECT_EQ(open_data_set(folder_.string(), kLabels, 1)->examples.size(), 1u);
}

TEST_F(Data, SaysWhichCsvLineIsWrong) {
  const std::string list = write("list.csv", "a.bin,3\nb.bin,banana\n");
  const auto data = open_data_set(list, kLabels, 0);
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message, HasSubstr("list.csv:2"));
}

TEST_F(Data, TakesFoldersByLabelOrNumber) {
  write("Space Bar/1.png", "x");
  write("4/1.bin", "x");
  write("4/notes.txt", "x");
  const auto data = open_data_set(folder_.string(), kLabels, 0);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->form, "folders");
  EXPECT_THAT(classes(*data), ElementsAre(4, 3));
  write("banana/1.png", "x");
  EXPECT_THAT(open_data_set(folder_.string(), kLabels, 0).error().message, HasSubstr("banana"));
}

TEST_F(Data, TakesImageNetNamesAndTellsTwinsByOrder) {
  for (const char* name : {"n01440764_tench.JPEG", "n02012849_crane.JPEG", "n03126707_crane.JPEG",
                           "n04264628_space_bar.JPEG"})
    write(name, "x");
  const std::vector<std::string> labels = {"tench, Tinca tinca", "crane", "crane", "space bar"};
  const auto data = open_data_set(folder_.string(), labels, 0);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->form, "imagenet");
  // The second crane stands behind the first, and files come in the order of their numbers; the
  // first of the two goes to the first file that may take it.
  EXPECT_THAT(classes(*data), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(open_data_set(folder_.string(), {}, 0).error().message, HasSubstr("--labels"));
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

TEST_F(Data, ReadsIdxFilesPackedOrNot) {
  const std::string images = big_endian(0x803) + big_endian(2) + big_endian(1) + big_endian(3) +
                             std::string("\x01\x02\x03\x04\x05\x06");
  const std::string labels = big_endian(0x801) + big_endian(2) + std::string("\x07\x02");
  write("t-labels-idx1-ubyte", labels);
  const auto data = open_data_set(write("t-images-idx3-ubyte", images), {}, 0);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_THAT(classes(*data), ElementsAre(7, 2));
  EXPECT_THAT(data->examples[1].bytes, ElementsAre(std::byte{4}, std::byte{5}, std::byte{6}));

  for (const auto& [name, text] :
       {std::pair{"u-images-idx3-ubyte.gz", images}, std::pair{"u-labels-idx1-ubyte.gz", labels}}) {
    gzFile file = gzopen((folder_ / name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }
  const auto packed = read_idx((folder_ / "u-images-idx3-ubyte.gz").string(), 1);
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_EQ(packed->size(), 1u);
}

TEST_F(Data, RefusesIdxFilesThatLie) {
  write("v-labels-idx1-ubyte", big_endian(0x801) + big_endian(1) + "\x01");
  const auto cut = read_idx(write("v-images-idx3-ubyte", big_endian(0x803) + big_endian(1) +
                                                             big_endian(2) + big_endian(2) + "abc"),
                            0);
  EXPECT_THAT(cut.error().message, HasSubstr("1 items of 4 bytes, 3 follow"));
  const auto huge =
      read_idx(write("v-images-idx3-ubyte", big_endian(0x803) + big_endian(0xffffffff) +
                                                big_endian(0xffffffff) + big_endian(0xffffffff)),
               0);
  EXPECT_FALSE(huge);
  EXPECT_FALSE(read_idx(write("v-images-idx3-ubyte", "no"), 0));
}

TEST_F(Data, ReadsCocoAnnotations) {
  write("images/val/1.jpg", "x");
  const std::string json =
      write("annotations/instances_val.json",
            R"({"images": [{"id": 5, "file_name": "1.jpg", "width": 200, "height": 100},
                     {"id": 6, "file_name": "2.jpg", "width": 200, "height": 100}],
          "categories": [{"id": 18, "name": "dog"}],
          "annotations": [{"image_id": 5, "category_id": 18, "bbox": [20, 10, 100, 50],
                           "iscrowd": 0}]})");
  EXPECT_TRUE(is_coco(folder_.string()));
  const auto set = open_coco(folder_.string(), "", 0);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->missing, 1);
  ASSERT_EQ(set->pictures.size(), 1u);
  const TrueBox& object = set->pictures[0].objects.at(0);
  EXPECT_EQ(object.category, 18);
  EXPECT_FLOAT_EQ(object.box.left, 0.1f);
  EXPECT_FLOAT_EQ(object.box.bottom, 0.6f);
  EXPECT_THAT(open_coco(write("bad.json", "{\"images\": 3}"), "", 0).error().message,
              HasSubstr("not COCO's instances format"));
  EXPECT_FALSE(open_coco(write("bad.json", "{"), "", 0));
}

TEST(Normalise, ReadsTheForms) {
  EXPECT_TRUE(parse_normalise("bytes")->bytes);
  EXPECT_FLOAT_EQ(parse_normalise("pixel")->apply(200), 200.0f);
  EXPECT_FLOAT_EQ(parse_normalise("pixel-128")->apply(200), 72.0f);
  EXPECT_FLOAT_EQ(parse_normalise("pixel/255")->apply(255), 1.0f);
  EXPECT_FLOAT_EQ(parse_normalise("pixel/127.5-1")->apply(255), 1.0f);
  EXPECT_FLOAT_EQ(parse_normalise("pixel-127.5/127.5")->apply(0), -1.0f);
  for (const char* wrong : {"", "pix", "pixel/0", "pixel/-1", "pixel+1", "pixel/x", "pixel-nan"})
    EXPECT_FALSE(parse_normalise(wrong)) << wrong;
}

TEST(Normalise, WritesIntegersPlainOrQuantized) {
  TensorInfo info;
  info.dtype = DType::i8;
  info.shape = {3};
  info.quant = {{0.5f}, {10}, 0};
  std::vector<std::int8_t> values(3);
  const Tensor tensor{&info, reinterpret_cast<std::byte*>(values.data())};
  const std::vector<std::byte> pixels = {std::byte{0}, std::byte{128}, std::byte{255}};
  ASSERT_TRUE(fill_from_bytes(pixels, *parse_normalise("pixel-128"), tensor, "x"));
  EXPECT_THAT(values, ElementsAre(-128, 0, 127));
  ASSERT_TRUE(fill_from_bytes(pixels, *parse_normalise("pixel/255"), tensor, "x"));
  EXPECT_THAT(values, ElementsAre(10, 11, 12));
  ASSERT_TRUE(fill_from_bytes(pixels, *parse_normalise("bytes"), tensor, "x"));
  EXPECT_THAT(values, ElementsAre(0, -128, -1));
  EXPECT_THAT(fill_from_bytes({pixels.data(), 2}, *parse_normalise("pixel"), tensor, "a.bin")
                  .error()
                  .message,
              HasSubstr("a.bin: 2 bytes"));
}

TEST(Normalise, LeavesFloatsToTheUser) {
  TensorInfo info;
  info.shape = {1, 8, 8, 3};
  EXPECT_FALSE(natural_normalise(info));
  info.dtype = DType::i8;
  info.quant = {{1.0f}, {-128}, 0};
  EXPECT_EQ(natural_normalise(info), *parse_normalise("pixel-128"));
  info.quant.zero_point = {83};
  EXPECT_TRUE(natural_normalise(info)->bytes);
}

}  // namespace
}  // namespace pinfer
