// SPDX-License-Identifier: Apache-2.0
// Who wins a tuning, and what is kept of it: with backends that wrap the cpu's and are slow, wrong,
// absent, a little off, or fail.
#include "runtime/session/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/core/files.h"
#include "runtime/core/temporary_folder.h"
#include "runtime/session/tuning_cache.h"
#include "tests/support/small_models.h"

namespace pinfer {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

enum class Kind { slow, fast_and_wrong, one_step_off, failing, refusing };

// The cpu's plan, made worse.
class Worse final : public Plan {
 public:
  Worse(std::unique_ptr<Plan> plan, const Graph& graph, Kind kind)
      : plan_(std::move(plan)), output_(graph.outputs[0]), kind_(kind) {}

  Status run() noexcept override {
    if (kind_ == Kind::failing && ++runs_ > 3) return Status::backend_fault;
    if (kind_ == Kind::slow) std::this_thread::sleep_for(milliseconds(5));
    const Status status = plan_->run();
    std::byte& first = plan_->tensor(output_).data[0];
    if (kind_ == Kind::fast_and_wrong) first ^= std::byte{0x55};
    if (kind_ == Kind::one_step_off) first ^= std::byte{0x01};
    return status;
  }
  Status run_observed(const StepObserver& observer) override {
    return plan_->run_observed(observer);
  }
  void reset_state() noexcept override { plan_->reset_state(); }
  Tensor tensor(TensorId id) noexcept override { return plan_->tensor(id); }
  std::span<const StepReport> steps() const noexcept override { return plan_->steps(); }
  std::span<const Placement> placements() const noexcept override { return plan_->placements(); }
  std::size_t arena_bytes() const noexcept override { return plan_->arena_bytes(); }

 private:
  std::unique_ptr<Plan> plan_;
  TensorId output_;
  Kind kind_;
  int runs_ = 0;
};

template <Kind kind>
Result<std::unique_ptr<Plan>> compile(const Graph& graph, const PlanOptions& options) {
  if (kind == Kind::refusing)
    return fail(ErrorCode::unsupported, "operator 0 CONV_2D: too square for this chip");
  PINFER_TRY(const Backend* cpu, find_backend("cpu"));
  PINFER_TRY(auto plan, cpu->compile(graph, options));
  return std::make_unique<Worse>(std::move(plan), graph, kind);
}

constexpr Backend kSlow{.name = "slow", .compile = compile<Kind::slow>};
constexpr Backend kWrong{.name = "wrong", .compile = compile<Kind::fast_and_wrong>};
constexpr Backend kStrict{.name = "strict", .compile = compile<Kind::one_step_off>};
constexpr Backend kLoose{
    .name = "loose", .compile = compile<Kind::one_step_off>, .tolerance = {.steps = 1}};
constexpr Backend kFailing{.name = "failing", .compile = compile<Kind::failing>};
constexpr Backend kRefusing{.name = "refusing", .compile = compile<Kind::refusing>};

// What a library calls itself, which changes with an update.
const char* library_version = "GPU 1.0";
constexpr Backend kVersioned{
    .name = "versioned", .compile = compile<Kind::slow>, .describe = []() -> Result<std::string> {
      if (library_version == nullptr) return fail(ErrorCode::unavailable, "no\ndriver");
      return std::string(library_version);
    }};

class TuningTest : public ::testing::Test {
 protected:
  TuningTest() : folder_(*TemporaryFolder::create("a test")) {
    const std::string path = folder_.path() + "/digits.tflite";
    EXPECT_TRUE(write_file_atomically(path, test::digits_model().finish()));
    model_ = *load_model(path, {});
  }

  Tuning run(std::vector<const Backend*> backends, Duration budget = std::chrono::seconds(5)) {
    backends_ = std::move(backends);
    options_ = {
        .session = {}, .backends = backends_, .max_threads = 1, .budget = budget, .runs = 20};
    auto tuning = tune(model_, options_);
    EXPECT_TRUE(tuning) << tuning.error().message;
    return std::move(*tuning);
  }

  TemporaryFolder folder_;
  std::shared_ptr<const Model> model_;
  std::vector<const Backend*> backends_;
  TuningOptions options_;
};

TEST_F(TuningTest, TheFastestWins) {
  const Tuning tuning = run({&kSlow});
  ASSERT_EQ(tuning.trials.size(), 2u);
  EXPECT_EQ(tuning.best, 0u);
  EXPECT_EQ(tuning.trials[1].out, "");
  EXPECT_GE(tuning.trials[1].p50_ms, 5.0);
  EXPECT_GE(tuning.trials[1].first_ms, 5.0);
  EXPECT_LE(tuning.trials[1].p50_ms, tuning.trials[1].p90_ms);
  EXPECT_LE(tuning.trials[1].p90_ms, tuning.trials[1].p99_ms);
  EXPECT_GT(tuning.trials[1].arena_bytes, 0u);
  EXPECT_THAT(explain(tuning), HasSubstr("cpu with 1 thread: p90 "));
  EXPECT_THAT(explain(tuning), HasSubstr("; next slow with 1: "));
}

TEST_F(TuningTest, WhoDisagreesIsOutHoweverFast) {
  const Tuning tuning = run({&kWrong, &kStrict, &kLoose});
  EXPECT_THAT(tuning.trials[1].out, HasSubstr("disagrees: 1 elements"));
  EXPECT_THAT(tuning.trials[2].out, HasSubstr("by up to 1 steps"));
  EXPECT_EQ(tuning.trials[3].out, "");
  EXPECT_EQ(tuning.trials[3].difference.elements, 1);
  EXPECT_NE(tuning.trials[tuning.best].backend, "wrong");
  EXPECT_NE(tuning.trials[tuning.best].backend, "strict");
}

TEST_F(TuningTest, RefusalsAndFailuresAreNamedAndLose) {
  const Tuning tuning = run({&kRefusing, &kFailing});
  EXPECT_THAT(tuning.trials[1].out, HasSubstr("too square for this chip"));
  EXPECT_FALSE(tuning.trials[1].ran);
  EXPECT_THAT(tuning.trials[2].out, HasSubstr("failed: "));
  EXPECT_FALSE(tuning.trials[2].ran);
  EXPECT_EQ(tuning.best, 0u);
}

TEST_F(TuningTest, TheBudgetBoundsTheTrials) {
  const MonotonicTime start = MonotonicTime::now();
  const Tuning tuning = run({&kSlow, &kSlow, &kSlow}, milliseconds(0));
  EXPECT_LT(to_ms(MonotonicTime::now() - start), 2000);
  EXPECT_TRUE(tuning.trials[0].ran);
  EXPECT_THAT(tuning.trials[3].out, HasSubstr("are over"));
  EXPECT_EQ(tuning.best, 0u);
}

TEST_F(TuningTest, AThreadMoreMustBeWorthIt) {
  backends_ = {*find_backend("cpu")};
  options_ = {};
  options_.backends = backends_;
  options_.max_threads = 6;
  const auto tuning = tune(model_, options_);
  ASSERT_TRUE(tuning);
  std::vector<int> threads;
  for (const Trial& trial : tuning->trials)
    if (trial.backend == "cpu") threads.push_back(trial.threads);
  EXPECT_EQ(threads, (std::vector{1, 2, 4, 6}));
  options_.threads = 2;  // asked for: nothing else
  const auto two = tune(model_, options_);
  ASSERT_TRUE(two);
  ASSERT_EQ(two->trials.size(), 1u);
  EXPECT_EQ(two->trials[0].threads, 2);
  const Trial& best = tuning->trials[tuning->best];
  if (best.threads > 1) {
    EXPECT_LT(best.p90_ms, 0.97 * tuning->trials[0].p90_ms);
  }
}

TEST_F(TuningTest, AChoiceIsKeptUntilWhatItDependsOnChanges) {
  const TuningCache cache(folder_.path());
  library_version = "GPU 1.0";
  const Tuning tuning = run({&kVersioned});
  const std::string key = tuning_key(*model_, options_, "a board");
  EXPECT_FALSE(cache.find(key));
  ASSERT_TRUE(cache.keep(key, tuning));
  const auto kept = cache.find(key);
  ASSERT_TRUE(kept);
  EXPECT_GT(kept->measured_at, 0);
  EXPECT_EQ(choice_of(kept->tuning).backend, "cpu");
  EXPECT_EQ(choice_of(kept->tuning).threads, 1);
  EXPECT_EQ(choice_of(kept->tuning).why, explain(tuning));
  EXPECT_EQ(tuning_key(*model_, options_, "a board"), key);

  EXPECT_FALSE(cache.find(tuning_key(*model_, options_, "another board")));
  library_version = "GPU 1.1";
  EXPECT_FALSE(cache.find(tuning_key(*model_, options_, "a board")));
  library_version = nullptr;
  EXPECT_THAT(tuning_key(*model_, options_, "a board"), HasSubstr("not here: no driver\n"));
  library_version = "GPU 1.0";
  options_.session.isa = isa::scalar;
  EXPECT_FALSE(cache.find(tuning_key(*model_, options_, "a board")));
  options_.session.isa = detect_isa();
  const std::string path = folder_.path() + "/other.tflite";
  ASSERT_TRUE(write_file_atomically(path, test::digits_model(8).finish()));
  EXPECT_FALSE(cache.find(tuning_key(**load_model(path, {}), options_, "a board")));
  EXPECT_TRUE(cache.find(key));
}

TEST_F(TuningTest, ADamagedFileCountsAsNone) {
  const TuningCache cache(folder_.path());
  const Tuning tuning = run({&kSlow});
  const std::string key = tuning_key(*model_, options_, "a board");
  ASSERT_TRUE(cache.keep(key, tuning));
  const std::string whole = *read_file(cache.path_of(key), 1 << 20);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(cache.path_of(key)) << whole.substr(0, size);
    EXPECT_FALSE(cache.find(key)) << size;
  }
  const auto expect_none = [&](const std::string& was, const std::string& is) {
    std::string changed = whole;
    changed.replace(changed.find(was), was.size(), is);
    std::ofstream(cache.path_of(key)) << changed;
    EXPECT_FALSE(cache.find(key)) << is;
  };
  for (const char* threads : {"0", "65", "1x", "-1", "", "99999999999999999999"})
    expect_none("trial cpu 1 ", fmt::format("trial cpu {} ", threads));
  for (const char* best : {"best 2 of 2", "best 0 of 3", "best 0 of 1", "best 0", "best x of 2",
                           "best 0 of 99999999999"})
    expect_none("best 0 of 2", best);
  expect_none("trial cpu 1 1 ", "trial cpu 1 0 ");  // chosen, but did not run
  expect_none("pinfer tuning 2", "pinfer tuning 1");
  std::ofstream(cache.path_of(key)) << whole;
  EXPECT_TRUE(cache.find(key));
  EXPECT_FALSE(TuningCache("").find(key));
}

TEST_F(TuningTest, WhatWasMeasuredIsKeptWhole) {
  const TuningCache cache(folder_.path() + "/kept");
  std::filesystem::create_directory(folder_.path() + "/kept");
  const Tuning tuning = run({&kSlow, &kWrong, &kLoose, &kRefusing, &kFailing});
  const std::string key = tuning_key(*model_, options_, "a board");
  ASSERT_TRUE(cache.keep(key, tuning));
  ASSERT_TRUE(cache.keep(key + "another\n", run({&kSlow})));
  std::ofstream(folder_.path() + "/kept/tuning-cut.txt") << "pinfer tuning 2\n";
  std::filesystem::last_write_time(
      cache.path_of(key), std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  const auto all = cache.all();
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].key, key + "another\n") << "the newest comes first";
  const KeptTuning& kept = (*all)[1];
  EXPECT_EQ(kept.key, key);
  EXPECT_THAT(kept.key, HasSubstr(net_line(*model_)));
  ASSERT_EQ(kept.tuning.trials.size(), tuning.trials.size());
  for (std::size_t i = 0; i < tuning.trials.size(); ++i) {
    const Trial &was = tuning.trials[i], &is = kept.tuning.trials[i];
    EXPECT_EQ(is.backend, was.backend);
    EXPECT_EQ(is.ran, was.ran);
    EXPECT_EQ(is.out, was.out);
    EXPECT_EQ(is.p50_ms, was.p50_ms);
    EXPECT_EQ(is.p90_ms, was.p90_ms);
    EXPECT_EQ(is.arena_bytes, was.arena_bytes);
    EXPECT_EQ(is.difference.elements, was.difference.elements);
    EXPECT_EQ(is.difference.steps, was.difference.steps);
  }
  EXPECT_EQ(TuningCache(folder_.path() + "/none").all().error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace pinfer
