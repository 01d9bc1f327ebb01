// SPDX-License-Identifier: Apache-2.0
// A driver that is missing, refuses or dies ends in an error that says what to do, or in a status;
// never in a crash, never in numbers that look like results. Runs with gl_faults preloaded.
#include <dlfcn.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "runtime/backends/gles/context.h"
#include "tests/runtime/backends/gles/gles_case.h"
#include "tests/support/environment_variable.h"

namespace pinfer::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Fault final {
 public:
  explicit Fault(const char* name) : variable_("PINFER_GL_FAULT", name) {}

 private:
  EnvironmentVariable variable_;
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

// The way by which a context was found with a fault.
std::string platform_with(const char* fault) {
  const Fault now(fault);
  const auto context = gles::Context::create("");
  return context ? (*context)->platform() : context.error().message;
}

TEST_F(GlesFaults, WithoutSurfacelessDisplaysADeviceIsTaken) {
  EXPECT_EQ(platform_with(""), platform_with("unknown"));
  EXPECT_EQ(platform_with("no_surfaceless"), "device 0");
  const Fault now("no_surfaceless");
  auto session = gles_session();
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->run(), Status::ok);
}

TEST_F(GlesFaults, GbmIsTakenWhereNothingElseIsOffered) {
  EXPECT_EQ(platform_with("only_gbm"), "gbm /dev/dri/renderD128");
  const auto count = reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "pinfer_open_gbm_devices"));
  ASSERT_NE(count, nullptr);
  EXPECT_EQ(count(), 0);
  const Fault now("only_gbm");
  {
    auto session = gles_session();
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_EQ(session->run(), Status::ok);
    EXPECT_EQ(count(), 1);
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(GlesFaults, EveryWayThatFailsIsExplained) {
  EXPECT_THAT(platform_with("no_gbm"),
              AllOf(HasSubstr("device: not offered; surfaceless: not offered; "),
                    HasSubstr("gbm /dev/dri/renderD128: libgbm.so.1 cannot be loaded; install "
                              "libgbm1"),
                    HasSubstr("default: "), HasSubstr("is the GPU's driver loaded")));
  EXPECT_THAT(
      platform_with("closed_node"),
      AllOf(HasSubstr("gbm /dev/dri/renderD128: Permission denied"), HasSubstr("group render")));
  EXPECT_THAT(platform_with("no_platform"),
              AllOf(HasSubstr("device: not offered; surfaceless: not offered; gbm: not offered; "),
                    HasSubstr("default: ")));
  EXPECT_THAT(platform_with("no_display"), AllOf(HasSubstr("no display without a screen"),
                                                 HasSubstr("surfaceless: EGL_NOT_INITIALIZED"),
                                                 HasSubstr("default: EGL_NOT_INITIALIZED")));
  EXPECT_THAT(platform_with("no_context"),
              AllOf(HasSubstr("surfaceless: Mesa"), HasSubstr("has no OpenGL ES 3.1 (")));
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
