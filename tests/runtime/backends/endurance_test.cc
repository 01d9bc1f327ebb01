// SPDX-License-Identifier: Apache-2.0
// Sessions on every backend run long, come and go, without growth: memory, descriptors, threads,
// objects of the GPU's driver. The short form is for each build; PINFER_LONG=1 takes 10,000 runs
// and 200 sessions.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/seeded_run.h"
#include "tests/support/small_models.h"

namespace pinfer::test {
namespace {

constexpr int kRuns = 10000, kSessions = 200;

bool is_long() {
  const char* value = std::getenv("PINFER_LONG");
  return value != nullptr && *value == '1';
}

// A counter of the preloaded library (gl_objects.cc); -1 without it.
long counter(const char* name) {
  const auto function = reinterpret_cast<long (*)()>(::dlsym(RTLD_DEFAULT, name));
  return function == nullptr ? -1 : function();
}

std::ptrdiff_t entries_of(const char* folder) {
  std::error_code error;
  return std::distance(std::filesystem::directory_iterator(folder, error), {});
}

// What this process holds at one moment.
struct Held {
  double resident_kib = 0, heap_kib = 0;
  std::ptrdiff_t descriptors = 0, threads = 0;
  long gl_contexts = 0, gl_objects = 0;

  static Held now() {
    Held held;
    std::ifstream statm("/proc/self/statm");
    double size = 0, resident = 0;
    statm >> size >> resident;
    held.resident_kib = resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
    const auto heap = ::mallinfo2();
    held.heap_kib = static_cast<double>(heap.uordblks + heap.hblkhd) / 1024;
    held.descriptors = entries_of("/proc/self/fd");
    held.threads = entries_of("/proc/self/task");
    held.gl_contexts = counter("pinfer_gl_contexts");
    held.gl_objects = counter("pinfer_gl_objects");
    return held;
  }
};

// `kib`: what the heap and the resident memory may have grown by.
void expect_no_growth(const std::string& what, const Held& before, double kib) {
  const Held after = Held::now();
  std::printf(
      "%s: resident %.0f -> %.0f KiB, heap in use %.1f -> %.1f KiB, descriptors %td -> %td, "
      "threads %td -> %td, GL contexts %ld -> %ld, objects %ld -> %ld\n",
      what.c_str(), before.resident_kib, after.resident_kib, before.heap_kib, after.heap_kib,
      before.descriptors, after.descriptors, before.threads, after.threads, before.gl_contexts,
      after.gl_contexts, before.gl_objects, after.gl_objects);
  EXPECT_LT(after.heap_kib - before.heap_kib, kib);
  EXPECT_LT(after.resident_kib - before.resident_kib, 16 * kib);  // the allocator's own pages
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
  EXPECT_EQ(after.gl_contexts, before.gl_contexts);
  EXPECT_EQ(after.gl_objects, before.gl_objects);
}

class Endurance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto session = make();
    if (!session && session.error().code == ErrorCode::unavailable)
      GTEST_SKIP() << session.error().message;
    ASSERT_TRUE(session) << session.error().message;
  }
  static Result<Session> make(const std::string& backend = GetParam()) {
    static const std::vector<std::byte> bytes = digits_model().finish();
    PINFER_TRY(auto model, is_long() ? load_model("apps/demo/digits.tflite", {})
                                     : load_model(bytes, "digits", {}));
    return Session::create(std::move(model), {.backend = backend});
  }
};

TEST_P(Endurance, RunsDoNotGrow) {
  const std::int64_t steps = (*find_backend(GetParam()))->tolerance.steps;
  auto session = make(), judge = make("cpu");
  ASSERT_TRUE(session && judge);
  for (int i = 0; i < 200; ++i) result_of(*session, i);
  const Held before = Held::now();
  for (int i = 0; i < kRuns; ++i) {
    const std::string got = result_of(*session, i);
    if (i % 100 == 0 && steps == 0) {
      EXPECT_EQ(got, result_of(*judge, i)) << i;
    }
  }
  expect_no_growth(GetParam() + ", " + std::to_string(kRuns) + " runs", before, 64);
}

TEST_P(Endurance, SessionsComeAndGo) {
  const auto use = [] {
    auto session = make();
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(session->run(), Status::ok);
  };
  for (int i = 0; i < 20; ++i) use();
  const Held before = Held::now();
  for (int i = 0; i < kSessions; ++i) use();
  expect_no_growth(GetParam() + ", " + std::to_string(kSessions) + " sessions", before, 256);
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Backend* backend : backends()) names.emplace_back(backend->name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Every, Endurance, ::testing::ValuesIn(names()),
                         [](const auto& of) { return of.param; });

}  // namespace
}  // namespace pinfer::test
