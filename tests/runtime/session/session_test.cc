// SPDX-License-Identifier: Apache-2.0
// Sessions over the demo's own network, which every clone has.
#include "runtime/session/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace pinfer {
namespace {

constexpr const char* kDigits = "apps/demo/digits.tflite";

std::shared_ptr<const Model> digits(bool passes = true) {
  auto model = load_model(kDigits, {.passes = passes});
  EXPECT_TRUE(model) << model.error().message;
  return model.value_or(nullptr);
}

// The same bytes every time.
void fill(const Tensor& tensor, std::uint32_t seed) {
  for (std::size_t i = 0; i < tensor.bytes(); ++i) {
    seed = seed * 1664525u + 1013904223u;
    tensor.data[i] = static_cast<std::byte>(seed >> 24);
  }
}

std::vector<std::byte> result_of(Session& session, std::uint32_t seed) {
  fill(session.input(0), seed);
  EXPECT_EQ(session.run(), Status::ok);
  const Tensor output = session.output(0);
  return {output.data, output.data + output.bytes()};
}

TEST(Session, RunsTheDemoNetworkAndKeepsItsInputs) {
  auto session = Session::create(digits(), {});
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->input_count(), 1u);
  EXPECT_EQ(session->output_count(), 1u);
  const auto first = result_of(*session, 1);
  const Tensor input = session->input(0);
  const std::vector<std::byte> before(input.data, input.data + input.bytes());
  EXPECT_EQ(session->run(), Status::ok);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), input.data));
  const Tensor output = session->output(0);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), output.data));
}

TEST(Session, GivesTheSameBytesForAnyThreadCountAndWithoutPasses) {
  auto one = Session::create(digits(), {.threads = 1});
  auto four = Session::create(digits(), {.threads = 4});
  auto plain = Session::create(digits(false), {});
  ASSERT_TRUE(one && four && plain);
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const auto want = result_of(*one, seed);
    EXPECT_EQ(result_of(*four, seed), want);
    EXPECT_EQ(result_of(*plain, seed), want);
  }
}

TEST(Session, SeveralSessionsShareOneModelInSeveralThreads) {
  const auto model = digits();
  auto reference = Session::create(model, {});
  ASSERT_TRUE(reference);
  std::vector<std::vector<std::byte>> want;
  for (std::uint32_t seed = 0; seed < 50; ++seed) want.push_back(result_of(*reference, seed));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      auto session = Session::create(model, {});
      ASSERT_TRUE(session);
      for (std::uint32_t seed = 0; seed < 50; ++seed)
        EXPECT_EQ(result_of(*session, seed), want[seed]);
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(Session, TimesItsStepsOnRequest) {
  auto timed = Session::create(digits(), {.profile = true});
  auto plain = Session::create(digits(), {});
  ASSERT_TRUE(timed && plain);
  EXPECT_EQ(timed->run(), Status::ok);
  EXPECT_EQ(plain->run(), Status::ok);
  EXPECT_TRUE(std::any_of(timed->steps().begin(), timed->steps().end(),
                          [](const StepReport& step) { return step.last.count() > 0; }));
  EXPECT_TRUE(std::all_of(plain->steps().begin(), plain->steps().end(),
                          [](const StepReport& step) { return step.last.count() == 0; }));
  EXPECT_GT(timed->macs(), 100'000);
}

TEST(Session, RefusesAnUnknownBackendWithTheKnownNames) {
  const auto session = Session::create(digits(), {.backend = "cup"});
  ASSERT_FALSE(session);
  EXPECT_NE(session.error().message.find("did you mean cpu"), std::string::npos);
}

TEST(Session, RefusesAnArenaBeyondTheBudget) {
  LoadOptions options;
  options.budgets.arena_bytes = 1024;
  auto model = load_model(kDigits, options);
  if (model) {
    const auto session = Session::create(*model, {});
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code, ErrorCode::over_budget);
  } else {
    EXPECT_EQ(model.error().code, ErrorCode::over_budget);
  }
}

TEST(Session, RefusesMoreWorkThanTheBudget) {
  LoadOptions options;
  options.budgets.macs = 1000;
  auto model = load_model(kDigits, options);
  ASSERT_TRUE(model) << model.error().message;
  const auto session = Session::create(*model, {});
  ASSERT_FALSE(session);
  EXPECT_NE(session.error().message.find("V12"), std::string::npos);
}

TEST(LoadModel, NamesAFileThatIsNotThere) {
  const auto model = load_model("apps/demo/no-such.tflite", {});
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::not_found);
  EXPECT_NE(model.error().message.find("no-such.tflite"), std::string::npos);
}

}  // namespace
}  // namespace pinfer
