// SPDX-License-Identifier: Apache-2.0
// The e-stop line, commands of persons and limits, through messages and wires; sockets left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/guard/guard_fixture.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::kAnna;
using testing::kBert;

class GuardEstopTest : public testing::GuardFixture {
 protected:
  // Line 9 is the button: high means pressed.
  GuardEstopTest() : button(std::move(*create_output(line("button", 9)))) {
    estop = line("estop", 9);
  }
  ReplyMessage configure_with_button(ClientId client, const std::vector<LineSpec>& specs,
                                     std::string_view name = "anna") {
    return configure(client, specs, name, estop);
  }
  void press(bool pressed) { ASSERT_EQ(button->set(pressed), Status::ok); }
  void wait(int ms) {
    for (int i = 0; i < ms; i += 10) {
      now = now + milliseconds(10);
      guard.on_time(now);
    }
  }

  std::unique_ptr<Output> button;
  LineSpec estop;
};

TEST_F(GuardEstopTest, TheButtonTakesEveryLineOfEveryClient) {
  const auto anna = configure_with_button(kAnna, {line("lamp", 1)});
  ASSERT_EQ(anna.ok, 1u) << error();
  const auto bert = configure(kBert, {line("pump", 2)}, "bert");
  ASSERT_TRUE(lease(kAnna, anna.handles[0]) && lease(kBert, bert.handles[0]));
  ASSERT_TRUE(wire(1).active && wire(2).active);
  press(true);
  wait(10);
  EXPECT_FALSE(wire(1).active || wire(2).active);
  EXPECT_EQ(reports[kAnna].back().cause, Cause::estop);
  EXPECT_EQ(reports[kBert].back().cause, Cause::estop);
  EXPECT_TRUE(lease(kAnna, anna.handles[0]));
  EXPECT_FALSE(wire(1).active) << "latched";
}

TEST_F(GuardEstopTest, IsResetOnlyByHandAndOnlyWhenReleased) {
  const auto table = configure_with_button(kAnna, {line("lamp", 1)});
  press(true);
  wait(10);
  EXPECT_EQ(command(kBert, Command::reset).ok, 0u);
  EXPECT_EQ(static_cast<ErrorCode>(reply.code), ErrorCode::refused);
  EXPECT_THAT(error(), HasSubstr("still pressed"));
  press(false);
  wait(100);
  EXPECT_TRUE(guard.estop().latched);
  const auto revision = guard.revision();
  EXPECT_EQ(command(kBert, Command::reset).ok, 1u) << error();
  EXPECT_NE(guard.revision(), revision) << "to be saved";
  EXPECT_FALSE(guard.estop().latched);
  EXPECT_TRUE(lease(kAnna, table.handles[0]));
  EXPECT_TRUE(wire(1).active);
}

TEST_F(GuardEstopTest, AButtonThatIsPressedAtConfigureCountsAtOnce) {
  press(true);
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  EXPECT_TRUE(guard.estop().latched);
}

TEST_F(GuardEstopTest, ALineThatCannotBeReadCountsAsPressed) {
  const auto table = configure_with_button(kAnna, {line("lamp", 1)});
  ASSERT_TRUE(lease(kAnna, table.handles[0]));
  button.reset();  // nobody drives it and nothing pulls: it floats
  wait(10);
  EXPECT_FALSE(wire(1).active);
  EXPECT_THAT((command(kAnna, Command::reset), error()), HasSubstr("cannot be read"));
}

TEST_F(GuardEstopTest, TheCommandWorksWithoutALine) {
  const auto table = configure(kAnna, {line("lamp", 1)});
  ASSERT_TRUE(lease(kAnna, table.handles[0]));
  EXPECT_EQ(command(kBert, Command::estop).ok, 1u);
  EXPECT_FALSE(wire(1).active);
  EXPECT_TRUE(guard.saved_table().estop_latched);
  EXPECT_EQ(command(kBert, Command::override_, "lamp", true, 1000).ok, 0u);
  EXPECT_THAT(error(), HasSubstr("the e-stop is latched; reset it first"));
  EXPECT_EQ(command(kBert, Command::reset).ok, 1u);
  EXPECT_FALSE(wire(1).active) << "a reset starts nothing";
}

TEST_F(GuardEstopTest, SurvivesTheGuard) {
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  ASSERT_EQ(command(kAnna, Command::estop).ok, 1u);
  const SavedTable saved = guard.saved_table();
  ASSERT_TRUE(save_table(folder.file("table"), saved));
  ASSERT_EQ(*load_table(folder.file("table")), saved);
  ASSERT_EQ(configure(kAnna, {}).ok, 1u);  // lets the wires go for the next guard

  Guard next({}, {this, keep}, 77);
  ASSERT_TRUE(next.claim(saved, now));
  EXPECT_TRUE(next.estop().latched);
  press(true);
  now = now + milliseconds(10);
  next.on_time(now);
  EXPECT_TRUE(next.estop().pressed) << "it watches the line before any client is there";
  EXPECT_EQ(next.saved_table(), saved);
}

TEST_F(GuardEstopTest, ALineThatANewGuardCannotOpenCountsAsPressed) {
  SavedTable saved;
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  saved = guard.saved_table();
  ASSERT_TRUE(saved.estop->spec.driver.assign("log"));
  saved.lines.clear();
  LineSpec nowhere = line("x", 64);
  ASSERT_TRUE(saved.lines.push_back({nowhere, {}}) && saved.lines.push_back({line("y", 5), {}}) &&
              saved.lines.push_back({nowhere, {}}));
  Guard next({}, {this, keep}, 77);
  const auto claimed = next.claim(saved, now);
  ASSERT_FALSE(claimed);
  EXPECT_THAT(claimed.error().message, HasSubstr("lines 0 to 63, not 64"));
  EXPECT_TRUE(wire(5).owned) << "it goes on with the others";
  EXPECT_TRUE(next.estop().latched);
  CommandMessage reset;
  reset.command = Command::reset;
  ASSERT_TRUE(next.on_message(kAnna, as_message(reset), now));
  EXPECT_THAT(error(), HasSubstr("is not there: it cannot be opened"));
}

TEST_F(GuardEstopTest, NoWireIsButtonAndOutput) {
  EXPECT_EQ(configure_with_button(kAnna, {line("lamp", 9)}).ok, 0u);
  EXPECT_EQ(error(), "output lamp: its line is the e-stop line estop already");
  ASSERT_EQ(configure(kBert, {line("pump", 2)}, "bert").ok, 1u);
  estop = line("estop", 2);
  EXPECT_EQ(configure_with_button(kAnna, {}).ok, 0u);
  EXPECT_EQ(error(), "estop: its line is the output pump of bert");
  estop = line("estop", 9);
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  EXPECT_EQ(configure(kBert, {line("pump", 9)}, "bert").ok, 0u) << "another client's e-stop";
  button.reset();
  EXPECT_EQ(configure(kAnna, {line("lamp", 9)}).ok, 1u) << "no e-stop line any more: free";
}

TEST_F(GuardEstopTest, ALineOfItsOwnTableMayBecomeTheButton) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 5)}).ok, 1u);
  estop = line("estop", 5);
  estop.bias = Bias::pull_down;
  EXPECT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u) << error();
  EXPECT_FALSE(guard.estop().latched);
}

TEST_F(GuardEstopTest, TwoClientsShareTheSameButtonOnly) {
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  EXPECT_EQ(configure_with_button(kBert, {line("pump", 2)}, "bert").ok, 1u) << error();
  const LineSpec good = estop;
  estop.active_low = true;
  EXPECT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 0u);
  EXPECT_EQ(error(), "estop: bert has another e-stop line; give both the same one");
  guard.on_client_gone(kBert, now);
  estop = good;
  EXPECT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u) << "nobody holds it";
}

TEST_F(GuardEstopTest, KeepsTheOldButtonWhenTheNewTableDoesNotWork) {
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  const LineSpec good = estop;
  estop.active_low = true;
  EXPECT_EQ(configure_with_button(kAnna, {line("horn", 64)}).ok, 0u);
  EXPECT_EQ(guard.saved_table().estop->spec, good);
  wait(20);
  EXPECT_FALSE(guard.estop().latched) << "it can still be read";
  ASSERT_TRUE(estop.driver.assign("log"));
  EXPECT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 0u);
  EXPECT_THAT(error(), HasSubstr("has no inputs"));
  press(true);
  wait(10);
  EXPECT_TRUE(guard.estop().latched);
}

TEST_F(GuardEstopTest, TurnsTheButtonAroundInPlace) {
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  estop.active_low = true;
  press(true);
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u) << error();
  EXPECT_FALSE(guard.estop().pressed);
  EXPECT_FALSE(guard.estop().latched);
}

TEST_F(GuardEstopTest, AClientThatComesBackTakesItsButtonAway) {
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  guard.on_client_gone(kAnna, now);
  ASSERT_EQ(configure(kBert, {}, "bert").ok, 1u);
  EXPECT_TRUE(guard.saved_table().estop) << "not another's";
  ASSERT_EQ(configure(kBert, {}).ok, 1u);
  EXPECT_FALSE(guard.saved_table().estop);
}

TEST_F(GuardEstopTest, AnswersAQueryWithTheStateOfTheEstop) {
  ASSERT_EQ(configure_with_button(kAnna, {line("lamp", 1)}).ok, 1u);
  press(true);
  wait(10);
  ASSERT_TRUE(send(kBert, QueryMessage{}));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->estop_latched && status->estop_pressed && status->has_estop_line);
  EXPECT_EQ(reports[kBert].back().client.view(), "anna");
  EXPECT_TRUE(reports[kBert].back().owned);
}

TEST_F(GuardEstopTest, AnOverrideDrivesALineForATimeAndEnds) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1)}).ok, 1u);
  EXPECT_EQ(command(kBert, Command::override_, "lamp", true, 1000).ok, 1u) << error();
  EXPECT_TRUE(wire(1).active);
  ASSERT_TRUE(send(kBert, QueryMessage{}));
  EXPECT_EQ(reports[kBert].back().until, now + milliseconds(1000));
  guard.on_client_gone(kAnna, now);
  EXPECT_TRUE(wire(1).active) << "a person's word, not the client's";
  wait(1000);
  EXPECT_FALSE(wire(1).active);
  EXPECT_EQ(command(kBert, Command::override_, "lamp", true, 1000).ok, 1u);
  EXPECT_EQ(command(kBert, Command::end_override, "lamp").ok, 1u);
  EXPECT_FALSE(wire(1).active);
  EXPECT_EQ(command(kBert, Command::override_, "lapm", true, 1000).ok, 0u);
  EXPECT_EQ(error(), "the guard has no output 'lapm' (did you mean lamp?)");
  EXPECT_EQ(command(kBert, Command::end_override, "nothing").ok, 0u);
}

TEST_F(GuardEstopTest, HangsUpOnCommandsOutOfTheirBounds) {
  ASSERT_EQ(configure(kAnna, {line("lamp", 1)}).ok, 1u);
  CommandMessage good;
  good.command = Command::override_;
  good.level = 1;
  good.duration_ms = 1000;
  text_to_wire("lamp", good.output);
  ASSERT_TRUE(send(kBert, good));
  const auto bad = [&](auto change) {
    CommandMessage message = good;
    change(message);
    return !send(kBert, message);
  };
  EXPECT_TRUE(bad([](auto& m) { m.command = Command{0}; }));
  EXPECT_TRUE(bad([](auto& m) { m.command = Command{5}; }));
  EXPECT_TRUE(bad([](auto& m) { m.level = 2; }));
  EXPECT_TRUE(bad([](auto& m) { m.duration_ms = 0; }));
  EXPECT_TRUE(bad([](auto& m) { m.duration_ms = 3'600'001; }));
  EXPECT_TRUE(bad([](auto& m) { m.command = Command::estop; })) << "with a time";
  EXPECT_TRUE(bad([](auto& m) { m.output.fill('x'); }));
}

TEST_F(GuardEstopTest, DrivesTheOneOffBeforeTheOtherOn) {
  LineSpec up = line("up", 1);
  LineSpec down = line("down", 0);  // the lower slot is not the first by chance
  up.limits.interlocks = down.limits.interlocks = 1;
  const auto table = configure(kAnna, {down, up});
  ASSERT_TRUE(lease(kAnna, table.handles[1]) && lease(kAnna, table.handles[0]));
  EXPECT_TRUE(wire(1).active && !wire(0).active);
  EXPECT_EQ(reports[kAnna].back().cause, Cause::interlock);
  reports.clear();
  ReleaseMessage release;
  release.handle = table.handles[1];
  release.cause = static_cast<std::uint32_t>(Cause::released);
  ASSERT_TRUE(send(kAnna, release));
  EXPECT_TRUE(!wire(1).active && wire(0).active);
  ASSERT_EQ(reports[kAnna].size(), 2u);
  EXPECT_EQ(reports[kAnna][0].name.view(), "up") << "off first";
}

TEST_F(GuardEstopTest, LooksAtTheButtonEveryTenMilliseconds) {
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  EXPECT_EQ(guard.next_deadline(), now + milliseconds(10));
  press(true);
  now = now + milliseconds(9);
  guard.on_time(now);
  EXPECT_FALSE(guard.estop().latched);
  now = now + milliseconds(1);
  guard.on_time(now);
  EXPECT_TRUE(guard.estop().latched);
}

TEST_F(GuardEstopTest, AButtonIsNobodyElsesBusiness) {
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  guard.on_client_gone(kBert, now);
  estop.bias = Bias::pull_up;
  EXPECT_EQ(configure_with_button(kAnna, {}).ok, 1u) << "its own may be changed: " << error();
}

TEST_F(GuardEstopTest, AButtonThatCouldNotBeOpenedIsTriedAgain) {
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  SavedTable saved = guard.saved_table();
  ASSERT_TRUE(saved.estop->spec.driver.assign("log"));
  Guard next({}, {this, keep}, 77);
  ASSERT_TRUE(next.claim(saved, now));
  ConfigureMessage table;
  text_to_wire("anna", table.client);
  table.estop = to_wire(saved.estop->spec);
  ASSERT_TRUE(next.on_message(kAnna, as_message(table), now));
  EXPECT_EQ(reply.ok, 0u);
}

TEST_F(GuardEstopTest, ClaimsATableWithoutAButton) {
  Guard next({}, {this, keep}, 77);
  EXPECT_TRUE(next.claim({}, now));
  EXPECT_FALSE(next.next_deadline());
}

TEST_F(GuardEstopTest, TellsHowLongALimitLasts) {
  LineSpec spec = line("lamp", 1);
  spec.limits.min_off = milliseconds(700);
  const auto table = configure(kAnna, {spec});
  ASSERT_TRUE(lease(kAnna, table.handles[0]));
  EXPECT_EQ(reports[kAnna].back().cause, Cause::min_off);
  EXPECT_EQ(reports[kAnna].back().until, now + milliseconds(700));
}

TEST_F(GuardEstopTest, HangsUpOnATableOutOfItsBounds) {
  const auto bad = [&](auto change) {
    ConfigureMessage message;
    message.count = 1;
    text_to_wire("anna", message.client);
    message.specs[0] = to_wire(line("lamp", 1));
    message.estop = to_wire(estop);
    change(message);
    return !send(kBert, message);
  };
  EXPECT_TRUE(bad([](auto& m) { m.client.fill('a'); }));
  EXPECT_TRUE(bad([](auto& m) { m.client.fill('\0'); }));
  EXPECT_TRUE(bad([](auto& m) { m.count = 33; }));
  EXPECT_TRUE(bad([](auto& m) { m.specs[0].offset = 4096; }));
  EXPECT_TRUE(bad([](auto& m) { m.estop.offset = 4096; }));
  EXPECT_TRUE(bad([](auto& m) { m.estop.t[0] = 1; })) << "an input has no limits";
  LeaseMessage alone;
  EXPECT_FALSE(guard.on_message(kBert, as_message(alone).first(7), now)) << "half a header";
}

// An output that cannot go on, and one that cannot be opened any more.
bool refuses_on = false;
bool refuses_open = false;
class ShyOutput final : public Output {
 public:
  Status set(bool active) noexcept override {
    return active && refuses_on ? Status::backend_fault : Status::ok;
  }
  Status read(bool& active) noexcept override {
    active = false;
    return Status::ok;
  }
};
Result<std::unique_ptr<Output>> open_shy(const OutputSpec& spec, const OutputContext&) {
  if (refuses_open) return fail(ErrorCode::io, "{}: gone", spec.name.view());
  return std::make_unique<ShyOutput>();
}

TEST_F(GuardEstopTest, ALineThatDoesNotGoOnIsSafeAgainAtOnceAndOneThatIsGoneIsAFault) {
  refuses_on = refuses_open = false;
  Guard shy({}, {this, keep}, 1, {open_shy});
  ConfigureMessage table;
  table.count = 1;
  text_to_wire("anna", table.client);
  table.specs[0] = to_wire(line("lamp", 1));
  ASSERT_TRUE(shy.on_message(kAnna, as_message(table), now));
  refuses_on = true;
  LeaseMessage on;
  on.handle = reply.handles[0];
  on.sent_at = now.since_boot.count();
  on.ttl_ms = 500;
  on.level = 1;
  ASSERT_TRUE(shy.on_message(kAnna, as_message(on), now));
  EXPECT_EQ(reports[kAnna].back().cause, Cause::line_fault);
  EXPECT_FALSE(shy.next_deadline()) << "nothing to try again";
  refuses_open = true;
  table.specs[0] = to_wire(line("light", 1));
  ASSERT_TRUE(shy.on_message(kAnna, as_message(table), now));
  EXPECT_EQ(error(), "light: gone");
  EXPECT_EQ(reports[kAnna].back().cause, Cause::line_fault) << "the old one does not come back";
  EXPECT_TRUE(shy.next_deadline());
}

TEST_F(GuardEstopTest, AnotherButtonMayFollowThatOfAClientThatHasGone) {
  ASSERT_EQ(configure_with_button(kAnna, {}).ok, 1u);
  guard.on_client_gone(kAnna, now);
  estop = line("estop", 12);
  estop.bias = Bias::pull_down;
  EXPECT_EQ(configure_with_button(kBert, {}, "bert").ok, 1u) << error();
  EXPECT_EQ(guard.saved_table().estop->spec, estop);
}

}  // namespace
}  // namespace pinfer
