// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

using testing::HasSubstr;

SourceAddress address(SourceKind kind, const std::string& location) { return {kind, location}; }

std::string message_of(const std::string& uri) {
  const auto parsed = parse_source(uri);
  return parsed ? "parsed" : parsed.error().message;
}

class AddressFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / "pinfer_address";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "shots");
    for (const char* name : {"clip.mp4", "one.PNG"}) std::ofstream(folder_ / name) << "x";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST(Address, KnowsTheSchemes) {
  EXPECT_EQ(*parse_source("pattern:"), address(SourceKind::pattern, ""));
  EXPECT_EQ(*parse_source("pattern:ball"), address(SourceKind::pattern, "ball"));
  EXPECT_EQ(*parse_source("/dev/video0"), address(SourceKind::device, "/dev/video0"));
  EXPECT_EQ(*parse_source("v4l2:///dev/video2"), address(SourceKind::device, "/dev/video2"));
  EXPECT_EQ(*parse_source("/dev/v4l/by-id/usb-A"),
            address(SourceKind::device, "/dev/v4l/by-id/usb-A"));
  EXPECT_EQ(*parse_source("rtsp://u:p@h/1"), address(SourceKind::stream, "rtsp://u:p@h/1"));
  EXPECT_EQ(*parse_source("http://h:8080/x"), address(SourceKind::stream, "http://h:8080/x"));
  EXPECT_EQ(*parse_source("pipe:///run/cam"), address(SourceKind::pipe, "/run/cam"));
  EXPECT_EQ(*parse_source("csi://1"), address(SourceKind::csi, "1"));
  EXPECT_EQ(*parse_source("gst:videotestsrc ! appsink"),
            address(SourceKind::gst, "videotestsrc ! appsink"));
}

TEST_F(AddressFiles, TellsClipsFromPicturesAndFolders) {
  EXPECT_EQ(*parse_source(path("clip.mp4")), address(SourceKind::clip, path("clip.mp4")));
  EXPECT_EQ(*parse_source("file://" + path("clip.mp4")),
            address(SourceKind::clip, path("clip.mp4")));
  EXPECT_EQ(*parse_source(path("shots")), address(SourceKind::pictures, path("shots")));
  EXPECT_EQ(*parse_source("file://" + path("one.PNG")),
            address(SourceKind::pictures, path("one.PNG")));
}

TEST_F(AddressFiles, GuessesTheFileThatWasMeant) {
  EXPECT_THAT(message_of("file://" + path("clib.mp4")), HasSubstr("did you mean clip.mp4?"));
  EXPECT_EQ(parse_source(path("clib.mp4")).error().code, ErrorCode::not_found);
}

TEST(Address, GuessesSchemesAndNumbers) {
  EXPECT_THAT(message_of("rtps://host/1"), HasSubstr("did you mean rtsp?"));
  EXPECT_THAT(message_of("0"), HasSubstr("did you mean /dev/video0?"));
  EXPECT_THAT(message_of("v4l2://dev/video0"), HasSubstr("v4l2:///dev/video0"));
  EXPECT_THAT(message_of("pipe://run/camera"), HasSubstr("pipe:///run/camera.mjpeg"));
  EXPECT_THAT(message_of("csi://"), HasSubstr("csi://0"));
  EXPECT_THAT(message_of("csi://a"), HasSubstr("csi://0"));
}

TEST(Address, RefusesWhatNamesNothing) {
  for (const char* uri : {"", "file://", "gst:", "rtsp://", "csi://999"})
    EXPECT_FALSE(parse_source(uri)) << uri;
  EXPECT_FALSE(parse_source(std::string("/dev/video0\0x", 13)));
}

TEST(Address, KeepsPasswordsOutOfLogs) {
  EXPECT_EQ(without_credentials("rtsp://admin:s3@cret@cam.local:554/s?a=b@c"),
            "rtsp://cam.local:554/s?a=b@c");
  EXPECT_EQ(without_credentials("rtsp://cam/s@1"), "rtsp://cam/s@1");
  EXPECT_EQ(without_credentials("/dev/video0"), "/dev/video0");
  EXPECT_EQ(without_credentials("http://u@h"), "http://h");
}

TEST(Sources, EveryKindIsInTheTableOnceInTheOrderOfTheEnum) {
  const auto sources = camera_sources();
  ASSERT_EQ(sources.size(), 8u);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(sources[i]->kind), i);
    EXPECT_FALSE(sources[i]->summary.empty());
    EXPECT_NE(sources[i]->create, nullptr);
  }
}

TEST(Sources, RefusesSpecsThatMakeNoSense) {
  const auto code = [](const SourceSpec& spec) { return create_source(spec).error().code; };
  EXPECT_EQ(code({.uri = "pattern:", .width = -1, .height = 4}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({.uri = "pattern:", .width = 64}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({.uri = "pattern:", .width = 16000, .height = 16000}), ErrorCode::over_budget);
  EXPECT_EQ(code({.uri = "pattern:", .fps = -1.0}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({.uri = "pattern:", .fps = std::nan("")}), ErrorCode::invalid_argument);
}

TEST(Sources, AMissingCameraIsToldByItsName) {
  const auto source = create_source({.uri = "/dev/video_of_nobody"});
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr("/dev/video_of_nobody"));
}

}  // namespace
}  // namespace pinfer
