// SPDX-License-Identifier: Apache-2.0
// OpenCV's plug-in that is missing, broken or old ends in an error that says what to do, and is not
// loaded where nothing needs it. The first test loads it: it stays.
#include "drivers/camera/opencv_library.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "drivers/camera/picture.h"
#include "drivers/camera/sources.h"
#include "runtime/core/temporary_folder.h"
#include "tests/support/environment_variable.h"

namespace pinfer {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class OpenCvLibrary : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("PINFER_OLD_FOLDER") == nullptr) GTEST_SKIP() << "PINFER_OLD_FOLDER is unset";
  }
  static bool maps_opencv() {
    std::ifstream maps("/proc/self/maps");
    const std::string all((std::istreambuf_iterator<char>(maps)), {});
    return all.find("/libopencv_") != std::string::npos;
  }
  static Error error_in(const char* folder) {
    const test::EnvironmentVariable plugins("PINFER_PLUGINS", folder);
    const auto table = opencv_table();
    return table ? Error{} : table.error();
  }
};

TEST_F(OpenCvLibrary, IsLoadedWithTheFirstPicture) {
  ASSERT_FALSE(maps_opencv());
  const auto pattern = create_source({.uri = "pattern:ball"});
  ASSERT_TRUE(pattern) << pattern.error().message;
  EXPECT_FALSE(maps_opencv()) << "for a pattern";
  const std::vector<std::uint8_t> gray(16 * 16, 100);
  const auto jpeg = encode_jpeg({.data = gray.data(),
                                 .width = 16,
                                 .height = 16,
                                 .stride = 16,
                                 .format = PixelFormat::gray8,
                                 .sequence = 0,
                                 .captured_at = {}},
                                90);
  ASSERT_TRUE(jpeg) << jpeg.error().message;
  EXPECT_TRUE(maps_opencv());
  const auto picture = decode_picture(*jpeg, "a gray picture");
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->width, 16);
  EXPECT_THAT(camera_library(), HasSubstr("OpenCV 4."));
}

TEST_F(OpenCvLibrary, ThatIsMissingIsSaidWithItsPlace) {
  const Error error = error_in("/nonexistent");
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.message, "OpenCV: not installed: there is no /nonexistent/libpinfer-opencv.so");
}

TEST_F(OpenCvLibrary, IsNotLookedForInARelativeFolder) {
  for (const char* folder : {"", "plugins", "./plugins"}) {
    const Error error = error_in(folder);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_THAT(error.message, HasSubstr("PINFER_PLUGINS must be an absolute path"));
  }
}

TEST_F(OpenCvLibrary, ThatIsNoLibraryIsNamed) {
  const auto folder = TemporaryFolder::create("a broken plug-in");
  ASSERT_TRUE(folder);
  std::ofstream(folder->path() + "/libpinfer-opencv.so") << "not a library";
  const Error error = error_in(folder->path().c_str());
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, HasSubstr("libpinfer-opencv.so cannot be loaded"));
}

TEST_F(OpenCvLibrary, WithoutALibraryOfOpenCvNamesItsPackage) {
  const Error error = error_in(std::getenv("PINFER_LOST_FOLDER"));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("libopencv_core.so.99"), EndsWith("; apt install libopencv-core99")));
}

TEST_F(OpenCvLibrary, OfAnotherVersionIsNotUsed) {
  const Error error = error_in(std::getenv("PINFER_OLD_FOLDER"));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_THAT(error.message, HasSubstr("speaks version 0 of the interface, this program 1"));
}

// The reason reaches whoever asked for a camera, a clip or a picture.
TEST_F(OpenCvLibrary, ThatIsMissingIsTheErrorOfEverySource) {
  const test::EnvironmentVariable plugins("PINFER_PLUGINS", "/nonexistent");
  for (const char* uri :
       {"apps/demo/digits.avi", "rtsp://127.0.0.1:1/", "csi://0", "gst:videotestsrc"}) {
    const auto source = create_source({.uri = uri});
    ASSERT_FALSE(source) << uri;
    EXPECT_EQ(source.error().code, ErrorCode::unavailable) << uri;
    EXPECT_THAT(source.error().message, HasSubstr("/nonexistent/libpinfer-opencv.so")) << uri;
  }
}

}  // namespace
}  // namespace pinfer
