// SPDX-License-Identifier: Apache-2.0
// pinfer replay, on a folder of pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "apps/pinfer/cli.h"
#include "drivers/camera/picture.h"
#include "runtime/core/files.h"
#include "tests/apps/guard/processes.h"
#include "tests/support/brightness_model.h"

namespace pinfer {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int code = -1;
  std::string out, err;
};

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string black = picture(0);
    if (!decode_picture(std::as_bytes(std::span(black)), "x.pgm"))
      GTEST_SKIP() << "built without OpenCV";
    ASSERT_TRUE(write_file_atomically(folder.file("model.tflite"), test::brightness_model()));
    std::filesystem::create_directory(folder.file("clip"));
  }
  static std::string picture(int level) {
    return "P5 8 8 255\n" + std::string(64, static_cast<char>(level));
  }
  // Ten frames a second.
  void show(int level, int frames) {
    for (; frames > 0; --frames)
      ASSERT_TRUE(write_file_atomically(folder.file(fmt::format("clip/{:04}.pgm", shown_++)),
                                        picture(level)));
  }
  Ran run(const std::string& camera, std::vector<std::string> more = {}) {
    const std::string config = folder.file("config.yaml");
    EXPECT_TRUE(write_file_atomically(
        config, fmt::format("board: simulated\ncamera: {{source: 'pattern:bars'{}}}\n"
                            "model: {{path: model.tflite}}\noutputs: {{lamp: {{pin: 11}}}}\n"
                            "rules: {{light: {{output: lamp, when: {{label: bright}}}}}}\n",
                            camera)));
    std::vector<std::string> words{"replay", config, folder.file("clip"), "--boards", "boards"};
    words.insert(words.end(), more.begin(), more.end());
    std::ostringstream out, err;
    const int code = run_cli(words, out, err);
    return {code, out.str(), err.str()};
  }

  testing::TempFolder folder;
  int shown_ = 0;
};

TEST_F(Replay, APictureThatDecidesNothingMakesTheLinesSafe) {
  show(210, 5);
  show(2, 5);
  show(210, 5);
  const Ran ran = run(", health: {black_below: 10%}");
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("0.000 lamp on"));
  EXPECT_THAT(ran.out, HasSubstr("0.500 lamp off  # withheld: black, frame 5"));
  EXPECT_THAT(ran.out, HasSubstr("1.000 lamp on"));
}

TEST_F(Replay, ComparesWithWhatIsExpected) {
  show(210, 3);
  show(40, 3);
  const std::string expected = folder.file("edges.txt");
  ASSERT_TRUE(write_file_atomically(expected, "0.000 lamp on\n0.300 lamp off\n"));
  EXPECT_EQ(run("", {"--expect", expected}).code, 0);
  ASSERT_TRUE(write_file_atomically(expected, "0.000 lamp on\n0.200 lamp off\n"));
  const Ran ran = run("", {"--expect", expected});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("-   0.200 lamp off\n+   0.300 lamp off"));
}

}  // namespace
}  // namespace pinfer
