// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include "runtime/core/mapped_file.h"
#include "tests/support/page_presence.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  Files() : folder_(fs::path(::testing::TempDir()) / ("files_test-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~Files() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }
  fs::path folder_;
};

TEST_F(Files, WhatIsWrittenIsRead) {
  const std::string text("a\0b\n", 4);
  ASSERT_TRUE(write_file_atomically(path("f"), text).has_value());
  EXPECT_EQ(read_file(path("f"), 100).value_or("?"), text);
  ASSERT_TRUE(write_file_atomically(path("f"), std::string_view{}).has_value());
  EXPECT_EQ(read_file(path("f"), 100).value_or("?"), "");
  EXPECT_EQ(count(), 1u);
}

TEST_F(Files, AFailedWriteLeavesTheOldFileAndNothingElse) {
  fs::create_directories(folder_ / "taken" / "by a folder");
  EXPECT_EQ(write_file_atomically(path("taken"), "x").error().code, ErrorCode::io);
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(write_file_atomically(path("absent/f"), "x").error().code, ErrorCode::io);
}

TEST_F(Files, ErrorsSayWhatIsWrong) {
  EXPECT_EQ(read_file(path("absent"), 100).error().code, ErrorCode::not_found);
  EXPECT_EQ(read_file(folder_.string(), 100).error().code, ErrorCode::io);
  ASSERT_TRUE(write_file_atomically(path("f"), "12345").has_value());
  EXPECT_EQ(read_file(path("f"), 4).error().code, ErrorCode::over_budget);
  EXPECT_NE(read_file(path("f"), 4).error().message.find("5 bytes, the limit is 4"),
            std::string::npos);
}

TEST_F(Files, AFifoDoesNotHangTheReader) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(MappedFile::open(path("fifo"), 100).error().code, ErrorCode::io);
}

TEST_F(Files, AMappingMovesAndStays) {
  ASSERT_TRUE(write_file_atomically(path("f"), "mapped").has_value());
  auto first = MappedFile::open(path("f"), 100);
  ASSERT_TRUE(first.has_value());
  const std::byte* address = first->span().data();
  MappedFile second = *std::move(first);
  MappedFile third;
  third = std::move(second);
  EXPECT_EQ(third.span().data(), address);
  // The file may go: the mapping holds it.
  fs::remove(path("f"));
  EXPECT_EQ(third.span()[0], std::byte{'m'});
}

using test::is_present;

TEST_F(Files, DroppedPagesLeaveMemoryAndComeBackFromTheFile) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::string text(4 * page, 'a');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  ASSERT_TRUE(write_file_atomically(path("f"), text).has_value());
  const auto file = MappedFile::open(path("f"), text.size());
  ASSERT_TRUE(file.has_value());
  const std::span<const std::byte> all = file->span();
  const auto touch = [&] { return std::memcmp(all.data(), text.data(), text.size()) == 0; };
  const auto present = [&] {
    std::string pages;
    for (std::size_t i = 0; i < 4; ++i) pages += is_present(all.data() + i * page) ? 'x' : '-';
    return pages;
  };
  ASSERT_TRUE(touch());
  if (!is_present(all.data())) GTEST_SKIP() << "no /proc/self/pagemap here";
  // Parts that hold no whole page, or are not of the file.
  file->drop(all.subspan(1, page));
  file->drop({});
  file->drop(std::as_bytes(std::span(text)));
  EXPECT_EQ(present(), "xxxx");
  file->drop(all.subspan(page - 1, 2 * page + 2));  // from the last byte of the first page on
  EXPECT_EQ(present(), "x--x");
  EXPECT_TRUE(touch());
  EXPECT_EQ(present(), "xxxx");
}

TEST(UniqueFd, ClosesOnce) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  UniqueFd read_end(ends[0]);
  {
    UniqueFd write_end(ends[1]);
    UniqueFd moved = std::move(write_end);
    EXPECT_TRUE(moved.valid());
    EXPECT_FALSE(write_end.valid());  // NOLINT: that is what is tested
  }
  char byte = 0;
  EXPECT_EQ(::read(read_end.get(), &byte, 1), 0);  // end of file: the other end is closed
  const int raw = read_end.release();
  EXPECT_FALSE(read_end.valid());
  EXPECT_EQ(::close(raw), 0);
}

}  // namespace
}  // namespace pinfer
