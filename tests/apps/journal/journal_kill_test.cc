// SPDX-License-Identifier: Apache-2.0
// A writer that dies at any moment leaves a journal that can be read, with everything it was told
// is on the disk. (PINFER_JOURNAL_KILLS=500 for the figures.)
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "apps/journal/journal_read.h"
#include "runtime/core/files.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;

TEST(JournalKill, AKilledWriterLosesNothingThatWasOnTheDisk) {
  const char* wanted = std::getenv("PINFER_JOURNAL_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 10;
  const testing::TempFolder folder;
  const std::string binary = testing::runnable(folder, VICTIM_BINARY);
  std::mt19937 random(7);
  std::uint64_t kept = 0;
  for (int kill = 0; kill < kills; ++kill) {
    const std::string path = folder.file("journal-" + std::to_string(kill % 3) + ".db");
    const std::string done = folder.file("done-" + std::to_string(kill));
    const auto before = kill < 3 ? std::vector<JournalEntry>() : *read_journal(path, {});
    {
      const auto child = testing::Child::run({binary, path, done});
      ASSERT_TRUE(testing::eventually([&] { return read_file(done, 64).has_value(); },
                                      std::chrono::seconds(30)));
      testing::sleep_for(milliseconds(random() % 500));
    }  // SIGKILL
    const auto entries = read_journal(path, {});
    ASSERT_TRUE(entries) << entries.error().message;
    // An empty file: it died between making and filling it; the one before still counts.
    const auto text = read_file(done, 64);
    const long long told = text && !text->empty() ? std::atoll(text->c_str()) : 0;
    ASSERT_FALSE(entries->empty());
    EXPECT_GE(entries->back().sequence, told) << "kill " << kill;
    EXPECT_GT(entries->back().id, before.empty() ? 0 : before.back().id);
    kept += entries->size();
  }
  EXPECT_GT(kept, 0u);
}

}  // namespace
}  // namespace pinfer
