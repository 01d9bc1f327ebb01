// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/device_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A /dev of its own, with plain files for devices.
class DeviceMemory : public testing::Test {
 protected:
  DeviceMemory() {
    std::string path = fs::temp_directory_path().string() + "/pinfer-dev-XXXXXX";
    if (::mkdtemp(path.data()) != nullptr) dev_ = fs::canonical(path).string();
    fs::create_directories(fs::path(dev_) / "v4l" / "by-id");
  }
  ~DeviceMemory() override { fs::remove_all(dev_); }

  [[nodiscard]] std::string node(int number) const {
    return dev_ + "/video" + std::to_string(number);
  }
  // udev at work: `name` is plugged in as video<number>.
  void plug(const std::string& name, int number) const {
    std::ofstream(node(number)) << "x";
    fs::create_symlink("../../video" + std::to_string(number), link(name));
  }
  void unplug(const std::string& name, int number) const {
    fs::remove(link(name));
    fs::remove(node(number));
  }
  [[nodiscard]] SourceOpener opener(int number) {
    SourceSpec spec;
    spec.uri = "v4l2://" + node(number);
    return remembering_opener(
        spec,
        [this](const SourceSpec& asked) -> Result<std::unique_ptr<FrameSource>> {
          opened_ = asked.uri;
          if (!fs::exists(asked.uri.starts_with("v4l2://") ? asked.uri.substr(7) : asked.uri))
            return fail(ErrorCode::not_found, "nothing there");
          return create_source({.uri = "pattern:bars"});
        },
        dev_);
  }

  std::string dev_;
  std::string opened_;

 private:
  [[nodiscard]] fs::path link(const std::string& name) const {
    return fs::path(dev_) / "v4l" / "by-id" / name;
  }
};

TEST_F(DeviceMemory, NamesADeviceAndFindsItByItsName) {
  plug("usb-Maker_Cam_1-video-index0", 0);
  plug("usb-Maker_Cam_2-video-index0", 2);
  EXPECT_EQ(stable_device_name(node(2), dev_), "usb-Maker_Cam_2-video-index0");
  EXPECT_EQ(find_device("usb-Maker_Cam_2-video-index0", dev_), node(2));
  EXPECT_EQ(stable_device_name(node(7), dev_), "");
  EXPECT_EQ(find_device("usb-Other", dev_), "");
}

TEST_F(DeviceMemory, ACameraThatComesBackUnderAnotherNumberIsFound) {
  plug("cam-a", 0);
  const SourceOpener open = opener(0);
  ASSERT_TRUE(open());
  unplug("cam-a", 0);
  ASSERT_FALSE(open());
  plug("cam-a", 2);
  ASSERT_TRUE(open());
  EXPECT_EQ(opened_, node(2));
}

TEST_F(DeviceMemory, AnotherCameraInItsPlaceIsNotTaken) {
  plug("cam-a", 0);
  const SourceOpener open = opener(0);
  ASSERT_TRUE(open());
  unplug("cam-a", 0);
  plug("cam-b", 0);
  opened_.clear();
  const auto taken = open();
  ASSERT_FALSE(taken);
  EXPECT_EQ(opened_, "");
  EXPECT_THAT(taken.error().message, HasSubstr("the camera cam-a is not there; cam-b is another"));
  plug("cam-a", 1);
  ASSERT_TRUE(open());
  EXPECT_EQ(opened_, node(1));
}

TEST_F(DeviceMemory, ADeviceWithoutANameIsOpenedByItsPath) {
  std::ofstream(node(0)) << "x";
  const SourceOpener open = opener(0);
  ASSERT_TRUE(open());
  ASSERT_TRUE(open());
  EXPECT_EQ(opened_, "v4l2://" + node(0));
}

TEST_F(DeviceMemory, ACameraThatIsNotThereAtTheStartIsTakenWhenItComes) {
  const SourceOpener open = opener(0);
  ASSERT_FALSE(open());
  plug("cam-a", 0);
  ASSERT_TRUE(open());
}

}  // namespace
}  // namespace pinfer
