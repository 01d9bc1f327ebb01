// SPDX-License-Identifier: Apache-2.0
// pinfer guard, against a guard of its own.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/guard/client.h"
#include "apps/pinfer/cli.h"
#include "tests/apps/guard/processes.h"

namespace pinfer {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

struct Ran {
  int code = -1;
  std::string out, err;
};

class GuardVerb : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = spawn_guard(testing::runnable(folder, GUARD_BINARY), socket);
    ASSERT_TRUE(started) << started.error().message;
    auto connected = GuardClient::connect(socket);
    ASSERT_TRUE(connected) << connected.error().message;
    client.emplace(std::move(*connected));
    const std::vector lines{testing::memory_line("lamp", folder.file("chip"), 0)};
    ASSERT_TRUE(client->configure(lines));
  }
  Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), "guard");
    words.insert(words.end(), {"--socket", socket});
    std::ostringstream out, err;
    const int code = run_cli(words, out, err);
    return {code, out.str(), err.str()};
  }
  nlohmann::json status() const { return nlohmann::json::parse(run({"status", "--json"}).out); }

  TempFolder folder;
  std::string socket = folder.file("guard.sock");
  std::optional<GuardClient> client;
};

TEST_F(GuardVerb, ShowsTheLinesAndTheEstop) {
  const Ran ran = run({"status"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("e-stop not latched\n"));
  EXPECT_THAT(ran.out, HasSubstr("lamp    off    start"));
  EXPECT_THAT(ran.out, HasSubstr("pinferd"));
}

TEST_F(GuardVerb, StopsAndResets) {
  EXPECT_EQ(run({"estop"}).code, 0);
  EXPECT_TRUE(status()["estop"]["latched"]);
  EXPECT_THAT(run({"status"}).out, HasSubstr("LATCHED"));
  const Ran refused = run({"override", "lamp", "on", "--for", "1s"});
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.err, HasSubstr("the e-stop is latched; reset it first"));
  EXPECT_EQ(run({"reset"}).code, 0);
  EXPECT_FALSE(status()["estop"]["latched"]);
}

TEST_F(GuardVerb, OverridesAnOutputForATime) {
  EXPECT_EQ(run({"override", "lamp", "on", "--for", "10min"}).code, 0);
  const auto lamp = status()["outputs"][0];
  EXPECT_EQ(lamp["cause"], "override");
  EXPECT_TRUE(lamp["active"]);
  EXPECT_GT(lamp["until_seconds"], 300.0);
  EXPECT_EQ(run({"override", "lamp", "end"}).code, 0);
  EXPECT_FALSE(status()["outputs"][0]["active"]);
  const Ran unknown = run({"override", "lapm", "on", "--for", "1s"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean lamp?"));
}

TEST_F(GuardVerb, RefusesHalfACommand) {
  EXPECT_THAT(run({"override", "lamp", "on"}).err, HasSubstr("say when, with --for 10s"));
  EXPECT_EQ(run({"override", "lamp", "on"}).code, 2);
  EXPECT_EQ(run({"override", "lamp", "on", "--for", "10"}).code, 2) << "no unit";
  EXPECT_EQ(run({"override", "lamp"}).code, 2);
  EXPECT_EQ(run({"status", "lamp"}).code, 2);
  EXPECT_EQ(run({"estop", "--for", "1s"}).code, 2);
  EXPECT_EQ(run({"stop"}).code, 2);
  EXPECT_EQ(run({"override", "lamp", "on", "--for", "2h"}).code, 2);
}

TEST(GuardVerbAlone, SaysThatNoGuardIsThere) {
  std::ostringstream out, err;
  EXPECT_EQ(run_cli({"guard", "status", "--socket", "/nowhere/guard.sock"}, out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("is pinfer-guard running?"));
}

}  // namespace
}  // namespace pinfer
