// SPDX-License-Identifier: Apache-2.0
#include "apps/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "apps/journal/journal_read.h"
#include "drivers/camera/picture.h"
#include "runtime/core/files.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::TempFolder;

Event edge(std::uint64_t sequence, bool active = true, std::string_view output = "gate") {
  Event event;
  event.kind = EventKind::edge;
  event.cause = active ? Cause::decision : Cause::released;
  event.active = active;
  event.sequence = sequence;
  event.at = MonotonicTime::now();
  event.captured_at = event.at - milliseconds(25);
  event.lease = milliseconds(500);
  event.image = {0.43f, 0.12f, 0.05f, true};
  assign_cut(event.output, output);
  assign_cut(event.rule, "open_gate");
  assign_cut(event.reason, "person 0.91 >= 0.60, 3 of 5 frames");
  assign_cut(event.model, "3f2a9c01b7de");
  EventScore person{7, 0.91f, {}};
  assign_cut(person.label, "per\"son, \\ [x]");
  static_cast<void>(event.scores.push_back(person));
  static_cast<void>(event.scores.push_back({1, 0.04f, {}}));
  return event;
}

class JournalTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Journal> open(std::uint64_t max_bytes = kDefaultJournalBytes) {
    auto journal = Journal::open({path_, max_bytes});
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }
  [[nodiscard]] std::vector<JournalEntry> read(const JournalQuery& query = {}) {
    auto entries = read_journal(path_, query);
    EXPECT_TRUE(entries) << entries.error().message;
    return entries ? *entries : std::vector<JournalEntry>();
  }
  [[nodiscard]] std::uint64_t bytes_on_disk() const {
    std::uint64_t sum = 0;
    for (const char* tail : {"", "-wal"})
      if (fs::exists(path_ + tail)) sum += fs::file_size(path_ + tail);
    return sum;
  }

  TempFolder folder_;
  std::string path_ = folder_.file("journal.db");
};

TEST_F(JournalTest, KeepsWhatAnEdgeWas) {
  const Event event = edge(1234);
  {
    const auto journal = open();
    journal->write(event, std::nullopt);
  }
  const auto entries = read();
  ASSERT_EQ(entries.size(), 1u);
  const JournalEntry& entry = entries[0];
  EXPECT_EQ(entry.kind, "edge");
  EXPECT_EQ(entry.output, "gate");
  EXPECT_TRUE(entry.active);
  EXPECT_EQ(entry.cause, "decision");
  EXPECT_EQ(entry.rule, "open_gate");
  EXPECT_EQ(entry.reason, "person 0.91 >= 0.60, 3 of 5 frames");
  EXPECT_EQ(entry.sequence, 1234);
  EXPECT_EQ(entry.age, milliseconds(25));
  EXPECT_EQ(entry.lease, milliseconds(500));
  EXPECT_EQ(entry.model, "3f2a9c01b7de");
  EXPECT_TRUE(entry.this_boot);
  EXPECT_EQ(entry.uptime, event.at.since_boot);
  ASSERT_EQ(entry.scores.size(), 2u);
  EXPECT_EQ(entry.scores[0].class_id, 7);
  EXPECT_EQ(entry.scores[0].label, "per\"son, \\ [x]");
  EXPECT_NEAR(entry.scores[0].score, 0.91, 1e-3);
  EXPECT_EQ(entry.scores[1].label, "");
  ASSERT_TRUE(entry.image);
  EXPECT_NEAR(entry.image->brightness, 0.43, 1e-6);
  EXPECT_FALSE(entry.has_picture);
}

TEST_F(JournalTest, AnswersByOutputKindTimeAndNumber) {
  const auto journal = open();
  for (std::uint64_t i = 0; i < 10; ++i) {
    Event event = edge(i, i % 2 == 0, i < 6 ? "gate" : "lamp");
    if (i < 3) event.at = event.at - std::chrono::seconds(100);
    journal->write(event, std::nullopt);
  }
  Event withheld;
  withheld.kind = EventKind::withheld;
  withheld.cause = Cause::frozen;
  withheld.at = MonotonicTime::now();
  journal->write(withheld, std::nullopt);
  journal->flush();
  EXPECT_EQ(read().size(), 10u) << "while the writer has it open";
  EXPECT_EQ(read({.output = "lamp"}).size(), 4u);
  EXPECT_EQ(read({.output = "none"}).size(), 0u);
  EXPECT_EQ(read({.edges_only = false}).size(), 11u);
  EXPECT_EQ(read({.edges_only = false}).back().cause, "frozen");
  EXPECT_EQ(read({.since = std::chrono::seconds(50)}).size(), 7u);
  const auto newest = read({.last = 2});
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].sequence, 8);
  EXPECT_EQ(newest[1].sequence, 9);
}

JournalPicture noise(int side, unsigned seed) {
  std::mt19937 random(seed);
  JournalPicture picture;
  picture.bytes.resize(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3);
  for (std::uint8_t& byte : picture.bytes) byte = static_cast<std::uint8_t>(random());
  picture.frame = {.width = side,
                   .height = side,
                   .stride = static_cast<std::size_t>(side) * 3,
                   .format = PixelFormat::bgr8,
                   .captured_at = {}};
  return picture;
}

TEST_F(JournalTest, KeepsThePictureAsAJpeg) {
  {
    const auto journal = open();
    journal->write(edge(1), noise(48, 1));
    journal->write(edge(2), std::nullopt);
  }
  const auto entries = read();
  ASSERT_EQ(entries.size(), 2u);
  ASSERT_TRUE(entries[0].has_picture);
  const auto jpeg = read_journal_picture(path_, entries[0].id);
  ASSERT_TRUE(jpeg);
  const auto picture = decode_picture(std::as_bytes(std::span(*jpeg)), "picture");
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->width, 48);
  const auto none = read_journal_picture(path_, entries[1].id);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("has no picture"));
}

TEST_F(JournalTest, NeverGrowsBeyondItsSizeAndKeepsTheNewest) {
  constexpr std::uint64_t kMost = 3u << 20;
  {
    const auto journal = open(kMost);
    std::uint64_t largest = 0;
    for (std::uint64_t i = 0; i < 240; ++i) {
      journal->write(edge(i), noise(200, static_cast<unsigned>(i)));
      if (i % 8 != 7) continue;
      journal->flush();
      largest = std::max(largest, bytes_on_disk());
    }
    journal->flush();
    EXPECT_EQ(journal->report().failed, 0u) << journal->report().error;
    EXPECT_EQ(journal->report().dropped, 0u);
    EXPECT_LE(largest, kMost + (1u << 20)) << "with the pictures of one transaction in the WAL";
  }
  EXPECT_LE(bytes_on_disk(), kMost);
  const auto entries = read();
  ASSERT_GT(entries.size(), 10u);
  EXPECT_LT(entries.size(), 240u);
  EXPECT_EQ(entries.back().sequence, 239);
  for (std::size_t i = 1; i < entries.size(); ++i)
    EXPECT_EQ(entries[i].sequence, entries[i - 1].sequence + 1)
        << "the oldest have gone, no others";
}

TEST_F(JournalTest, DropsAndCountsWhatComesTooFast) {
  const auto journal = open();
  for (std::uint64_t i = 0; i < 20000; ++i) journal->write(edge(i), std::nullopt);
  journal->flush();
  const JournalReport report = journal->report();
  EXPECT_EQ(report.written + report.dropped, 20000u);
  EXPECT_GT(report.dropped, 0u);
  EXPECT_GE(report.written, Journal::kQueue);
  EXPECT_EQ(read().size(), report.written);
}

TEST_F(JournalTest, SetsADamagedFileAsideAndBeginsAnew) {
  ASSERT_TRUE(write_file_atomically(path_, std::string(10000, 'x')));
  {
    const auto journal = open();
    ASSERT_NE(journal, nullptr);
    journal->write(edge(5), std::nullopt);
  }
  EXPECT_EQ(read().size(), 1u);
  EXPECT_TRUE(fs::exists(path_ + ".damaged"));
}

TEST_F(JournalTest, AFolderThatIsNotThereIsToldAndNothingElseHappens) {
  path_ = folder_.file("none/journal.db");
  const auto journal = Journal::open({path_, kDefaultJournalBytes});
  ASSERT_FALSE(journal);
  EXPECT_THAT(journal.error().message, HasSubstr("none/journal.db"));
  const auto entries = read_journal(path_, {});
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code, ErrorCode::not_found);
  EXPECT_THAT(entries.error().message, HasSubstr("there is no journal"));
}

TEST_F(JournalTest, AFileOfAnotherVersionIsNotRead) {
  {
    auto database = Database::open_for_writing(path_);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("CREATE TABLE t(x); PRAGMA user_version=99"));
  }
  const auto entries = read_journal(path_, {});
  ASSERT_FALSE(entries);
  EXPECT_THAT(entries.error().message, HasSubstr("version 99"));
}

}  // namespace
}  // namespace pinfer
