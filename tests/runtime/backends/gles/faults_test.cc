// SPDX-License-Identifier: Apache-2.0
// A driver that is missing, refuses or dies ends in an error that says what to do, or in a status;
// never in a crash, never in numbers that look like results. Runs with gl_faults preloaded.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/runtime/backends/gles/gles_case.h"

namespace pinfer::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Fault final {
 public:
  explicit Fault(const char* name) { ::setenv("PINFER_GL_FAULT", name, 1); }
  ~Fault() { ::unsetenv("PINFER_GL_FAULT"); }
};

Result<Session> gles_session() {
  static const std::vector<std::byte> bytes = digits_model().finish();
  PINFER_TRY(auto model, load_model(bytes, "digits", {}));
  return Session::create(std::move(model), {.backend = "gles"});
}

std::string refusal_with(const char* fault) {
  const Fault now(fault);
  const auto session = gles_session();
  if (session) return "";
  EXPECT_THAT(session.error().message, HasSubstr("gles: "));
  return session.error().message;
}

class GlesFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    PINFER_NEEDS_GLES();
    if (refusal_with("no_egl").empty()) GTEST_SKIP() << "gl_faults is not preloaded";
  }
};

TEST_F(GlesFaults, AMissingLibraryIsNamedWithItsPackage) {
  EXPECT_THAT(refusal_with("no_egl"),
              AllOf(HasSubstr("libEGL.so.1"), HasSubstr("install libegl1")));
  EXPECT_THAT(refusal_with("no_gles"),
              AllOf(HasSubstr("libGLESv2.so.2"), HasSubstr("install libgles2")));
}

TEST_F(GlesFaults, ADriverWithoutComputeShadersIsNamed) {
  EXPECT_THAT(refusal_with("no_context"),
              AllOf(HasSubstr("no OpenGL ES 3.1"), HasSubstr("cpu backend")));
}

TEST_F(GlesFaults, BuffersThatDoNotFitAreNamed) {
  EXPECT_THAT(refusal_with("no_memory"), AllOf(HasSubstr("bytes for tensors"), HasSubstr("0x505")));
}

// The status of a run with the fault, and that of the one after it is gone.
std::pair<Status, Status> statuses_with(const char* fault) {
  auto session = gles_session();
  if (!session) return {Status::end, Status::end};
  EXPECT_EQ(session->run(), Status::ok);
  Status with = Status::ok;
  {
    const Fault now(fault);
    with = session->run();
  }
  return {with, session->run()};
}

TEST_F(GlesFaults, AFailingDeviceEndsInAStatusAndIsNotTrustedAgain) {
  for (const char* fault : {"error", "lost", "wait_failed", "no_map"})
    EXPECT_EQ(statuses_with(fault), std::pair(Status::backend_fault, Status::backend_fault))
        << fault;
  EXPECT_EQ(statuses_with("hangs"), std::pair(Status::timeout, Status::backend_fault));
}

TEST_F(GlesFaults, ANewSessionWorksAfterTheFault) {
  EXPECT_EQ(statuses_with("lost").first, Status::backend_fault);
  auto session = gles_session();
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->run(), Status::ok);
}

}  // namespace
}  // namespace pinfer::test
