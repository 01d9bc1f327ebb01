// SPDX-License-Identifier: Apache-2.0
// Real files: every net with a golden is read, and no file of any kind brings the reader down.
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/model/tflite_reader.h"
#include "tests/support/zoo.h"

namespace pinfer {
namespace {

std::string golden_of(const std::string& path) {
  const std::string zoo = test::zoo_folder() + "/zoo/";
  std::string name;
  for (const char c : path.substr(zoo.size())) name += c == '/' ? "__" : std::string(1, c);
  return test::zoo_folder() + "/golden/" + name;
}

// Goldens whose tensors no build of Pinfer can hold (rule V11) are refused by name.
constexpr int kMaxRefusedGoldens = 1;

TEST(ZooRead, EveryNetWithAGoldenIsReadOrRefusedByTheOperator) {
  const auto files = test::zoo_files("zoo", ".tflite");
  if (files.empty()) GTEST_SKIP() << "no models below " << test::zoo_folder();
  int with_golden = 0, refused = 0;
  for (const std::string& path : files) {
    const auto model = read_tflite(path, {});
    if (!model) {
      EXPECT_TRUE(model.error().message.starts_with(path + ": V")) << model.error().message;
    }
    if (!std::filesystem::exists(golden_of(path))) continue;
    ++with_golden;
    if (model) continue;
    ++refused;
    EXPECT_NE(model.error().message.find(": V11: operator "), std::string::npos)
        << model.error().message;
  }
  EXPECT_GT(with_golden, 100);
  EXPECT_LE(refused, kMaxRefusedGoldens);
}

TEST(ZooRead, NoFileBringsTheReaderDown) {
  const auto files = test::zoo_files("zoo", ".bin");
  if (files.empty()) GTEST_SKIP() << "no models below " << test::zoo_folder();
  for (const std::string& path : files) {
    const auto model = read_tflite(path, {});
    if (!model) {
      EXPECT_TRUE(model.error().message.starts_with(path)) << model.error().message;
    }
  }
}

}  // namespace
}  // namespace pinfer
