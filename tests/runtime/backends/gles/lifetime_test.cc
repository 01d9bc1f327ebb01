// SPDX-License-Identifier: Apache-2.0
// Sessions on the GPU move between threads, run side by side and allocate nothing. That they do not
// grow: tests/runtime/backends/endurance_test.cc.
#include <cstring>
#include <thread>

#include "tests/runtime/backends/gles/gles_case.h"
#include "tests/support/alloc_counter.h"
#include "tests/support/seeded_run.h"

namespace pinfer::test {
namespace {

std::shared_ptr<const Model> digits() {
  static const std::vector<std::byte> bytes = digits_model().finish();
  return *load_model(bytes, "digits", {});
}

Session session_on(const std::string& backend) {
  auto session = Session::create(digits(), {.backend = backend});
  EXPECT_TRUE(session) << session.error().message;
  return *std::move(session);
}

TEST(GlesLifetime, OneThreadMakesASessionAnotherRunsItAndAThirdEndsIt) {
  PINFER_NEEDS_GLES();
  Session judge = session_on("cpu");
  auto session = std::make_unique<Session>(session_on("gles"));
  std::string got;
  std::thread([&] { got = result_of(*session, 1); }).join();
  EXPECT_EQ(got, result_of(judge, 1));
  EXPECT_EQ(result_of(*session, 2), result_of(judge, 2));
  std::thread([&] { session.reset(); }).join();
}

TEST(GlesLifetime, SessionsRunSideBySide) {
  PINFER_NEEDS_GLES();
  const auto work = [] {
    Session session = session_on("gles"), judge = session_on("cpu");
    for (int i = 0; i < 100; ++i) EXPECT_EQ(result_of(session, i), result_of(judge, i)) << i;
  };
  std::thread first(work), second(work);
  first.join();
  second.join();
}

// The driver may allocate for itself; what Pinfer adds is seen on the thread that runs.
TEST(GlesLifetime, ARunCallsNoOperatorNew) {
  PINFER_NEEDS_GLES();
  Session session = session_on("gles");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(session.run(), Status::ok);
  const std::uint64_t before = thread_allocations();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(session.run(), Status::ok);
  EXPECT_EQ(thread_allocations() - before, 0u);
}

}  // namespace
}  // namespace pinfer::test
