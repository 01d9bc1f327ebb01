// SPDX-License-Identifier: Apache-2.0
// pinfer why, on a journal of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/journal/journal.h"
#include "apps/pinfer/cli.h"
#include "drivers/camera/picture.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

struct Ran {
  int code = -1;
  std::string out, err;
};

Event event_of(EventKind kind, std::string_view output, std::uint64_t sequence, Cause cause,
               bool active) {
  Event event;
  event.kind = kind;
  event.cause = cause;
  event.active = active;
  event.sequence = sequence;
  event.at = MonotonicTime::now();
  event.captured_at = event.at - milliseconds(25);
  assign_cut(event.output, output);
  return event;
}

class Why : public ::testing::Test {
 protected:
  void SetUp() override {
    auto journal = Journal::open({path, kDefaultJournalBytes});
    ASSERT_TRUE(journal) << journal.error().message;
    Event on = event_of(EventKind::edge, "gate", 41, Cause::decision, true);
    on.lease = milliseconds(500);
    assign_cut(on.rule, "open_gate");
    assign_cut(on.reason, "person 0.91 >= 0.60, 3 of 5 frames");
    assign_cut(on.model, "3f2a9c01b7de");
    EventScore person{7, 0.91f, {}};
    assign_cut(person.label, "person");
    static_cast<void>(on.scores.push_back(person));
    JournalPicture picture{std::vector<std::uint8_t>(64, 200), {}};
    picture.frame.width = picture.frame.height = 8;
    picture.frame.stride = 8;
    picture.frame.format = PixelFormat::gray8;
    (*journal)->write(on, picture);
    (*journal)->write(event_of(EventKind::withheld, "", 50, Cause::camera_lost, false), {});
    (*journal)->write(event_of(EventKind::edge, "gate", 50, Cause::camera_lost, false), {});
    (*journal)->write(event_of(EventKind::edge, "lamp", 60, Cause::override_, true), {});
  }
  Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "why");
    words.insert(words.end(), {"--journal", path});
    std::ostringstream out, err;
    const int code = run_cli(words, out, err);
    return {code, out.str(), err.str()};
  }

  TempFolder folder;
  std::string path = folder.file("journal.db");
};

TEST_F(Why, TellsFrameRuleModelAndCauseOfEachEdge) {
  const Ran ran = run({});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("gate on: decision\n"
                                 "    rule open_gate: person 0.91 >= 0.60, 3 of 5 frames\n"
                                 "    frame 41, 25.0 ms old: person 0.91\n"
                                 "    model 3f2a9c01b7de, lease 500 ms\n"));
  EXPECT_THAT(ran.out, HasSubstr("gate off: camera lost\n    frame 50"));
  EXPECT_THAT(ran.out, HasSubstr("lamp on: override\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("all outputs safe")));
  EXPECT_THAT(run({"--all"}).out, HasSubstr("all outputs safe: camera lost"));
}

TEST_F(Why, ShowsOneOutputAndTheNewestFew) {
  EXPECT_THAT(run({"lamp"}).out, Not(HasSubstr("gate")));
  const Ran newest = run({"gate", "--last", "1"});
  EXPECT_THAT(newest.out, HasSubstr("gate off"));
  EXPECT_THAT(newest.out, Not(HasSubstr("gate on")));
  EXPECT_THAT(run({"--since", "1h"}).out, HasSubstr("gate on"));
  const Ran none = run({"bell"});
  EXPECT_EQ(none.code, 0);
  EXPECT_THAT(none.err, HasSubstr("no edge of bell"));
}

TEST_F(Why, GivesJson) {
  const Ran ran = run({"gate", "--json"});
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["event"], "edge");
  EXPECT_EQ(json[0]["rule"], "open_gate");
  EXPECT_EQ(json[0]["sequence"], 41);
  EXPECT_EQ(json[0]["lease_ms"], 500.0);
  EXPECT_EQ(json[0]["scores"][0]["label"], "person");
  EXPECT_EQ(json[1]["cause"], "camera lost");
  EXPECT_EQ(json[1]["picture"], false);
}

TEST_F(Why, SavesThePictureThatMovedTheLine) {
  const std::uint8_t pixel = 0;
  Frame one;
  one.data = &pixel;
  one.width = one.height = 1;
  one.stride = 1;
  one.format = PixelFormat::gray8;
  if (!encode_jpeg(one, 90)) GTEST_SKIP() << "built without OpenCV";
  const auto json = nlohmann::json::parse(run({"gate", "--json"}).out);
  ASSERT_EQ(json[0]["picture"], true);
  ASSERT_EQ(run({"gate", "--pictures", folder.path()}).code, 0);
  const auto picture = load_picture(folder.file(json[0]["id"].dump() + ".jpg"));
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(picture->width, 8);
}

TEST_F(Why, NamesWhatIsWrong) {
  EXPECT_THAT(run({"--since", "soon"}).err, HasSubstr("--since soon: a time such as 90s"));
  EXPECT_THAT(run({"--since", "-1h"}).err, HasSubstr("a time such as 90s"));
  std::filesystem::remove(path);
  const Ran none = run({});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr(path));
}

}  // namespace
}  // namespace pinfer
