// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/rules.h"

#include "tests/apps/pipeline/rules_fixture.h"
#include "tests/support/alloc_counter.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

TEST(Rules, FollowALabelAboveItsScore) {
  RunningRule rule(rule_when(match("person", 0.6f)));
  EXPECT_FALSE(rule.frame(0, seen({thing(0, 0.59f)})));
  EXPECT_TRUE(rule.frame(10, seen({thing(0, 0.6f)})));
  EXPECT_FALSE(rule.frame(20, seen({thing(1, 0.99f)}))) << "a car is no person";
  EXPECT_FALSE(rule.frame(30, Predictions{}));
}

TEST(Rules, TakeAnyClassWhenNoneIsNamed) {
  RunningRule rule(rule_when(Condition{}));
  EXPECT_TRUE(rule.frame(0, seen({thing(17, 0.5f)})));
  EXPECT_FALSE(rule.frame(1, seen({thing(17, 0.49f)})));
}

TEST(Rules, TakeClassesByNumberBesideLabels) {
  Condition condition = match("dog");
  condition.classes = {7};
  RunningRule rule(rule_when(condition));
  EXPECT_TRUE(rule.frame(0, seen({thing(7, 0.9f)})));
  EXPECT_TRUE(rule.frame(1, seen({thing(2, 0.9f)})));
  EXPECT_FALSE(rule.frame(2, seen({thing(0, 0.9f)})));
}

TEST(Rules, NeverFireOnAScoreThatIsNotANumber) {
  RunningRule rule(rule_when(match("person", 0.0f)));
  EXPECT_FALSE(rule.frame(0, seen({thing(0, std::numeric_limits<float>::quiet_NaN())})));
}

TEST(Rules, KeepOnBetweenTheTwoThresholds) {
  Condition condition = match("person");
  condition.threshold_high = 0.7f;
  condition.threshold_low = 0.4f;
  RunningRule rule(rule_when(condition));
  EXPECT_FALSE(rule.frame(0, seen({thing(0, 0.6f)}))) << "not yet above the high one";
  EXPECT_TRUE(rule.frame(1, seen({thing(0, 0.7f)})));
  EXPECT_TRUE(rule.frame(2, seen({thing(0, 0.4f)}))) << "still above the low one";
  EXPECT_FALSE(rule.frame(3, seen({thing(0, 0.39f)})));
  EXPECT_FALSE(rule.frame(4, seen({thing(0, 0.6f)})));
}

TEST(Rules, CountPredictions) {
  Condition condition = match("person");
  condition.min_count = 2;
  RunningRule rule(rule_when(condition));
  EXPECT_FALSE(rule.frame(0, seen({thing(0, 0.9f), thing(1, 0.8f), thing(0, 0.4f)})));
  EXPECT_TRUE(rule.frame(1, seen({thing(0, 0.9f), thing(0, 0.6f)})));
}

TEST(Rules, WantNOfTheLastMFrames) {
  Condition condition = match("person");
  condition.seen = 2;
  condition.of = 3;
  RunningRule rule(rule_when(condition));
  const bool input[] = {true, false, true, false, false, true, true, true, false, false};
  const bool output[] = {false, false, true, false, false, false, true, true, true, false};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rule.frame(i, input[i]), output[i]) << i;
}

TEST(Rules, RememberAWindowOf64Frames) {
  Condition condition = match("person");
  condition.of = 64;
  RunningRule rule(rule_when(condition));
  EXPECT_TRUE(rule.frame(0, true));
  for (int i = 1; i < 64; ++i) EXPECT_TRUE(rule.frame(i, false)) << i;
  EXPECT_FALSE(rule.frame(64, false));
}

TEST(Rules, CombineConditions) {
  const Condition person_without_car =
      group(ConditionKind::all, {match("person"), group(ConditionKind::negate, {match("car")})});
  RunningRule rule(rule_when(group(ConditionKind::any, {person_without_car, match("dog", 0.9f)})));
  EXPECT_TRUE(rule.frame(0, seen({thing(0, 0.9f)})));
  EXPECT_FALSE(rule.frame(1, seen({thing(0, 0.9f), thing(1, 0.8f)})));
  EXPECT_TRUE(rule.frame(2, seen({thing(2, 0.95f), thing(1, 0.8f)})));
  EXPECT_FALSE(rule.frame(3, Predictions{}));
}

TEST(Rules, JudgeEveryConditionOnEveryFrame) {
  Condition often = match("car");
  often.seen = often.of = 2;
  RunningRule rule(rule_when(group(ConditionKind::any, {match("person"), often})));
  EXPECT_TRUE(rule.frame(0, seen({thing(0, 0.9f), thing(1, 0.9f)})));
  EXPECT_TRUE(rule.frame(1, seen({thing(1, 0.9f)}))) << "the first car must have been counted";
}

TEST(Rules, CountFramesOfAGroup) {
  Condition both = group(ConditionKind::all, {match("person"), match("car")});
  both.seen = 2;
  both.of = 3;
  RunningRule rule(rule_when(both));
  const Predictions two = seen({thing(0, 0.9f), thing(1, 0.9f)});
  EXPECT_FALSE(rule.frame(0, two));
  EXPECT_FALSE(rule.frame(1, seen({thing(0, 0.9f)})));
  EXPECT_TRUE(rule.frame(2, two));
}

TEST(Rules, LookOnlyInTheirZone) {
  const std::vector<ZoneConfig> zones = {{"left", {{0, 0}, {0.5f, 0}, {0.5f, 1}, {0, 1}}}};
  Condition condition = match("person");
  condition.zone = "left";
  RunningRule rule(rule_when(condition), zones);
  EXPECT_TRUE(rule.frame(0, seen({thing(0, 0.9f, {0.1f, 0.1f, 0.3f, 0.9f})})));
  EXPECT_FALSE(rule.frame(1, seen({thing(0, 0.9f, {0.6f, 0.1f, 0.9f, 0.9f})})));
  EXPECT_TRUE(rule.frame(2, seen({thing(0, 0.9f, {0.6f, 0.1f, 0.9f, 0.9f}),
                                  thing(0, 0.6f, {0.0f, 0.0f, 0.9f, 0.2f})})))
      << "the second one has its middle in the zone";
}

TEST(Rules, AskWhereAThingStands) {
  const std::vector<ZoneConfig> zones = {{"floor", {{0, 0.8f}, {1, 0.8f}, {1, 1}, {0, 1}}}};
  Condition condition = match("person");
  condition.zone = "floor";
  const Predictions tall = seen({thing(0, 0.9f, {0.4f, 0.1f, 0.6f, 1.0f})});
  EXPECT_FALSE(RunningRule(rule_when(condition), zones).frame(0, tall));
  condition.anchor = BoxAnchor::bottom;
  EXPECT_TRUE(RunningRule(rule_when(condition), zones).frame(0, tall))
      << "feet on the very edge of the picture count";
}

TEST(Rules, WaitBeforeTheyGoOn) {
  RuleConfig config = rule_when(match("person"));
  config.delayed_on = 100ms;
  RunningRule rule(config);
  EXPECT_FALSE(rule.frame(0, true));
  EXPECT_EQ(rule.next_change(), 100);
  EXPECT_FALSE(rule.tick(99));
  EXPECT_TRUE(rule.tick(100));
  EXPECT_FALSE(rule.frame(150, false));
  EXPECT_FALSE(rule.frame(160, true));
  EXPECT_FALSE(rule.frame(200, false)) << "an interruption starts the wait again";
  EXPECT_FALSE(rule.frame(210, true));
  EXPECT_FALSE(rule.tick(309));
  EXPECT_TRUE(rule.tick(310));
}

TEST(Rules, WaitBeforeTheyGoOff) {
  RuleConfig config = rule_when(match("person"));
  config.delayed_off = 100ms;
  RunningRule rule(config);
  EXPECT_TRUE(rule.frame(0, true));
  EXPECT_TRUE(rule.frame(50, false));
  EXPECT_TRUE(rule.frame(149, false));
  EXPECT_TRUE(rule.frame(149, true));
  EXPECT_TRUE(rule.frame(160, false));
  EXPECT_EQ(rule.next_change(), 260);
  EXPECT_TRUE(rule.tick(259));
  EXPECT_FALSE(rule.tick(260));
  EXPECT_EQ(rule.next_change(), -1);
}

TEST(Rules, HoldAtLeastAndAtMost) {
  RuleConfig config = rule_when(match("person"));
  config.min_hold = 200ms;
  config.max_hold = 500ms;
  RunningRule rule(config);
  EXPECT_TRUE(rule.frame(0, true));
  EXPECT_TRUE(rule.frame(10, false));
  EXPECT_TRUE(rule.tick(199));
  EXPECT_FALSE(rule.tick(200));
  EXPECT_TRUE(rule.frame(300, true));
  EXPECT_TRUE(rule.frame(799, true));
  EXPECT_FALSE(rule.frame(800, true)) << "max_hold";
  EXPECT_FALSE(rule.frame(900, true)) << "it must fall before it may rise";
  EXPECT_FALSE(rule.frame(910, false));
  EXPECT_TRUE(rule.frame(920, true));
}

TEST(Rules, GiveOnePulseForEachRise) {
  RuleConfig config = rule_when(match("person"));
  config.pulse = 300ms;
  RunningRule rule(config);
  EXPECT_TRUE(rule.frame(0, true));
  EXPECT_TRUE(rule.frame(100, false)) << "a pulse ends by itself";
  EXPECT_TRUE(rule.frame(200, true)) << "a rise during a pulse does not lengthen it";
  EXPECT_FALSE(rule.frame(300, true));
  EXPECT_FALSE(rule.frame(2000, true));
  EXPECT_FALSE(rule.frame(2001, false));
  EXPECT_TRUE(rule.frame(2002, true));
}

TEST(Rules, ChangeAtTheExactTimeHoweverLateTheTickComes) {
  RuleConfig config = rule_when(match("person"));
  config.delayed_on = 100ms;
  config.min_hold = 1000ms;
  RunningRule rule(config);
  EXPECT_FALSE(rule.frame(0, true));
  EXPECT_TRUE(rule.frame(700, false)) << "on since 100";
  EXPECT_EQ(rule.state().level_since, at_ms(100));
  EXPECT_TRUE(rule.tick(1099));
  EXPECT_FALSE(rule.tick(1100));
}

TEST(Rules, TakeATimeThatWentBackForTheLatestOne) {
  RuleConfig config = rule_when(match("person"));
  config.delayed_off = 100ms;
  RunningRule rule(config);
  EXPECT_TRUE(rule.frame(1000, true));
  EXPECT_TRUE(rule.frame(500, false));
  EXPECT_TRUE(rule.tick(1099));
  EXPECT_FALSE(rule.tick(1100));
}

TEST(Rules, SayWhy) {
  Condition condition = match("person", 0.6f);
  condition.seen = 2;
  condition.of = 5;
  condition.zone = "door";
  const std::vector<ZoneConfig> zones = {{"door", {{0, 0}, {1, 0}, {1, 1}, {0, 1}}}};
  RuleConfig config = rule_when(
      group(ConditionKind::all, {condition, group(ConditionKind::negate, {match("car")})}));
  config.delayed_on = 40ms;
  config.max_hold = 500ms;
  RunningRule rule(config, zones);
  EXPECT_EQ(rule.reason(), "start");
  rule.frame(0, true);
  rule.frame(10, true);
  rule.tick(50);
  EXPECT_EQ(rule.reason(), "person 0.90 >= 0.60 in door, 2 of 5 frames and no car for 40 ms");
  rule.tick(550);
  EXPECT_EQ(rule.reason(), "on for max_hold 500 ms");
}

TEST(Rules, SayWhyTheyWentOff) {
  RunningRule rule(rule_when(group(ConditionKind::any, {match("person", 0.6f), match("dog")})));
  rule.frame(0, true);
  EXPECT_EQ(rule.reason(), "person 0.90 >= 0.60");
  rule.frame(1, seen({thing(0, 0.41f)}));
  EXPECT_EQ(rule.reason(), "person 0.41 < 0.60 and no dog");
}

TEST(Rules, CutALongReasonBetweenTwoCharacters) {
  std::string label;
  for (int i = 0; i < 100; ++i) label += "\xC3\xBC";
  RuleConfig config = rule_when(match(label));
  const auto rule = Rule::create(config, {}, std::vector<std::string>{label});
  ASSERT_TRUE(rule);
  RuleState state = rule->initial_state();
  rule->update(state, seen({thing(0, 0.9f)}), at_ms(0));
  char buffer[31];
  EXPECT_EQ(rule->reason(state, buffer), label.substr(0, 30));
  EXPECT_EQ(rule->reason(state, {}), "");
}

TEST(Rules, RefuseWhatTheyCannotJudge) {
  const auto error = [](const RuleConfig& config, std::span<const std::string> labels) {
    const auto rule = Rule::create(config, {}, labels);
    return rule ? std::string("accepted") : rule.error().message;
  };
  EXPECT_EQ(
      error(rule_when(match("persn")), kTestLabels),
      "rules.r: label 'persn' is not one of the 3 labels of the model (did you mean person?)");
  EXPECT_EQ(error(rule_when(match("person")), {}),
            "rules.r: label 'person': the model has no labels; give model.labels, or use class: "
            "<number>");
  Condition zoned;
  zoned.zone = "door";
  EXPECT_EQ(error(rule_when(zoned), {}), "rules.r: there is no zone 'door'");
  Condition never;
  never.seen = 3;
  EXPECT_EQ(error(rule_when(never), {}), "rules.r: seen 3 of 1 frames: must be 1 <= N <= M <= 64");
  const std::vector<Condition> many(kMaxConditions, Condition{});
  EXPECT_EQ(error(rule_when(group(ConditionKind::any, many)), {}),
            "rules.r: more than 32 conditions, or more than 8 levels of them");
}

TEST(Rules, AllocateNothingOnTheFrame) {
  RuleConfig config = rule_when(group(ConditionKind::all, {match("person"), match("car")}));
  config.delayed_off = 5ms;
  const std::vector<RuleConfig> configs = {config, rule_when(match("dog"))};
  RuleSet rules = RuleSet::create(configs, {}, kTestLabels).value();
  const Predictions some = seen({thing(0, 0.9f), thing(1, 0.8f), thing(2, 0.7f)});
  char buffer[kMaxReason];
  const std::uint64_t before = thread_allocations();
  for (int i = 0; i < 1000; ++i) {
    rules.update(i % 3 == 0 ? Predictions{} : some, at_ms(10 * i));
    rules.tick(at_ms(10 * i + 5));
    for (std::size_t r = 0; r < rules.size(); ++r) static_cast<void>(rules.reason(r, buffer));
  }
  EXPECT_EQ(thread_allocations() - before, 0u);
}

TEST(RuleSets, CarryTheStateOfUnchangedRulesOverAReload) {
  RuleConfig kept = rule_when(match("person"));
  kept.name = "kept";
  kept.delayed_off = 100ms;
  RuleConfig changed = kept;
  changed.name = "changed";
  const std::vector<RuleConfig> before = {kept, changed};
  changed.delayed_off = 200ms;
  const std::vector<RuleConfig> after = {changed, kept};
  RuleSet old_rules = RuleSet::create(before, {}, kTestLabels).value();
  old_rules.update(seen({thing(0, 0.9f)}), at_ms(0));
  old_rules.update(Predictions{}, at_ms(10));
  RuleSet new_rules = RuleSet::create(after, {}, kTestLabels).value();
  new_rules.adopt_state_from(old_rules);
  EXPECT_FALSE(new_rules.level(0)) << "another rule starts afresh";
  EXPECT_TRUE(new_rules.level(1));
  EXPECT_EQ(new_rules.next_change(), at_ms(110));
  new_rules.tick(at_ms(110));
  EXPECT_FALSE(new_rules.level(1));
}

TEST(RuleSets, ForgetClassNumbersWhenTheModelHasOtherLabels) {
  const std::vector<RuleConfig> configs = {rule_when(match("person"))};
  RuleSet old_rules = RuleSet::create(configs, {}, kTestLabels).value();
  old_rules.update(seen({thing(0, 0.9f)}), at_ms(0));
  const std::vector<std::string> other = {"background", "person"};
  RuleSet new_rules = RuleSet::create(configs, {}, other).value();
  new_rules.adopt_state_from(old_rules);
  EXPECT_TRUE(new_rules.level(0));
  char buffer[kMaxReason];
  EXPECT_EQ(new_rules.reason(0, buffer), "no person") << "not the background";
  new_rules.update(seen({thing(1, 0.9f)}), at_ms(1));
  EXPECT_TRUE(new_rules.level(0));
}

TEST(RuleSets, StartAfreshWhenAZoneMoved) {
  Condition condition = match("person");
  condition.zone = "door";
  const std::vector<RuleConfig> configs = {rule_when(condition)};
  const std::vector<ZoneConfig> here = {{"door", {{0, 0}, {1, 0}, {1, 1}}}};
  const std::vector<ZoneConfig> there = {{"door", {{0, 0}, {1, 1}, {0, 1}}}};
  RuleSet old_rules = RuleSet::create(configs, here, kTestLabels).value();
  old_rules.update(seen({thing(0, 0.9f, {0.8f, 0.1f, 0.9f, 0.2f})}), at_ms(0));
  EXPECT_TRUE(old_rules.level(0));
  RuleSet new_rules = RuleSet::create(configs, there, kTestLabels).value();
  new_rules.adopt_state_from(old_rules);
  EXPECT_FALSE(new_rules.level(0));
}

}  // namespace
}  // namespace pinfer
