// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/gstreamer_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfer {
namespace {

TEST(CsiPipeline, OnAPiAsksLibcamera) {
  EXPECT_EQ(
      *csi_pipeline(CsiBoard::libcamera, {.camera = 0, .width = 1280, .height = 720, .fps = 30}),
      "libcamerasrc ! video/x-raw,width=1280,height=720,format=NV12,framerate=30/1 ! "
      "videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1 sync=false");
}

TEST(CsiPipeline, OnAJetsonAsksArgus) {
  EXPECT_EQ(
      *csi_pipeline(CsiBoard::jetson, {.camera = 1, .width = 1920, .height = 1080, .fps = 29.97}),
      "nvarguscamerasrc sensor-id=1 ! "
      "video/x-raw(memory:NVMM),width=1920,height=1080,format=NV12,framerate=2997/100 ! "
      "nvvidconv ! video/x-raw,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
      "appsink drop=true max-buffers=1 sync=false");
}

TEST(CsiPipeline, LeavesTheRateToTheCameraAndHasASizeOfItsOwn) {
  EXPECT_EQ(*csi_pipeline(CsiBoard::libcamera, {}),
            "libcamerasrc ! video/x-raw,width=640,height=480,format=NV12 ! "
            "videoconvert ! video/x-raw,format=BGR ! appsink drop=true max-buffers=1 sync=false");
}

TEST(CsiPipeline, SaysHowToNameASecondCameraOnAPi) {
  const auto pipeline = csi_pipeline(CsiBoard::libcamera, {.camera = 1});
  ASSERT_FALSE(pipeline);
  EXPECT_THAT(pipeline.error().message, testing::HasSubstr("gst:libcamerasrc camera-name="));
}

TEST(CsiPipeline, TellsBoardsApartByTheDeviceTree) {
  using std::string_literals::operator""s;
  EXPECT_EQ(detect_csi_board("raspberrypi,5-model-b\0brcm,bcm2712\0"s), CsiBoard::libcamera);
  EXPECT_EQ(detect_csi_board("nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0"s), CsiBoard::jetson);
  EXPECT_EQ(detect_csi_board(""), CsiBoard::libcamera);
}

}  // namespace
}  // namespace pinfer
