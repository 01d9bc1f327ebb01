// SPDX-License-Identifier: Apache-2.0
// A plug-in that is missing, old, or misbehaves ends in an error that says what to do, or in a
// status; never in a crash. Runs with fake_plugin in PINFER_FAKE_FOLDER.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runtime/backends/armnn/armnn_library.h"
#include "runtime/core/temporary_folder.h"
#include "tests/runtime/backends/armnn/armnn_case.h"
#include "tests/support/environment_variable.h"

namespace pinfer::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Session> session() {
  static const std::vector<std::byte> bytes = digits_model().finish();
  PINFER_TRY(auto model, load_model(bytes, "digits", {}));
  return Session::create(std::move(model), {.backend = "armnn"});
}

// A session with the fake plug-in in that mood.
Result<Session> fake_session(const char* mood) {
  const EnvironmentVariable folder("PINFER_PLUGINS", std::getenv("PINFER_FAKE_FOLDER"));
  const EnvironmentVariable word("PINFER_FAKE_PLUGIN", mood);
  return session();
}

std::string message_of(const Result<Session>& made) { return made ? "" : made.error().message; }

class ArmnnPlugin : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("PINFER_FAKE_FOLDER") == nullptr) GTEST_SKIP() << "PINFER_FAKE_FOLDER is unset";
  }
};

TEST_F(ArmnnPlugin, ThatIsMissingIsNamedWithItsPlace) {
  const EnvironmentVariable folder("PINFER_PLUGINS", "/nonexistent");
  const auto made = session();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::unavailable);
  EXPECT_THAT(made.error().message,
              AllOf(HasSubstr("not installed"), HasSubstr("/nonexistent/libpinfer-armnn.so")));
}

TEST_F(ArmnnPlugin, IsNeverLookedForInARelativeFolder) {
  for (const char* folder : {".", "plugins", ""}) {
    const EnvironmentVariable variable("PINFER_PLUGINS", folder);
    EXPECT_THAT(message_of(session()), HasSubstr("PINFER_PLUGINS must be an absolute path"));
  }
}

TEST_F(ArmnnPlugin, IsNotTakenFromTheCurrentFolder) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::getenv("PINFER_FAKE_FOLDER"));
  const EnvironmentVariable unset("PINFER_PLUGINS", nullptr);
  const auto opened = nn::armnn_table();
  std::filesystem::current_path(before);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("lib/pinfer/libpinfer-armnn.so"));
}

TEST_F(ArmnnPlugin, ThatIsNoLibraryIsNamed) {
  const auto folder = TemporaryFolder::create("a broken plug-in");
  ASSERT_TRUE(folder);
  std::ofstream(folder->path() + "/libpinfer-armnn.so") << "not a library";
  const EnvironmentVariable variable("PINFER_PLUGINS", folder->path().c_str());
  EXPECT_THAT(message_of(session()), HasSubstr("cannot be loaded"));
}

TEST_F(ArmnnPlugin, WithoutArmNNNamesThePackage) {
  const char* const lost = std::getenv("PINFER_LOST_FOLDER");
  if (lost == nullptr) GTEST_SKIP() << "PINFER_LOST_FOLDER is unset";
  const EnvironmentVariable folder("PINFER_PLUGINS", lost);
  const auto made = session();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::unavailable);
  EXPECT_THAT(made.error().message, HasSubstr("not installed: apt install libarmnn99"));
}

TEST_F(ArmnnPlugin, OfAnotherVersionIsNotUsed) {
  const std::string message = message_of(fake_session("version"));
  EXPECT_THAT(message, AllOf(HasSubstr(fmt::format("speaks version {}", nn::kAbiVersion + 1)),
                             HasSubstr("from the same build")));
  EXPECT_THAT(message_of(fake_session("nothing")), HasSubstr("it is no plug-in of Pinfer"));
}

TEST_F(ArmnnPlugin, SaysWhyItRefusesANet) {
  const auto made = fake_session("refuses");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::unsupported);
  EXPECT_THAT(made.error().message, HasSubstr("armnn: operator 7 CONV_2D: not today"));
}

TEST_F(ArmnnPlugin, MayTalkWithoutEnd) {
  const auto made = fake_session("fails");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::internal);
  EXPECT_LT(made.error().message.size(), sizeof(nn::Sentence) + 100);
}

TEST_F(ArmnnPlugin, ThatFailsToRunIsNotTrustedAgain) {
  auto made = fake_session("well");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->run(), Status::ok);
  {
    const EnvironmentVariable word("PINFER_FAKE_PLUGIN", "broken");
    EXPECT_EQ(made->run(), Status::backend_fault);
  }
  EXPECT_EQ(made->run(), Status::backend_fault);
}

TEST_F(ArmnnPlugin, IsNamedAmongTheBackends) {
  const auto backend = find_backend("armnn");
  ASSERT_TRUE(backend);
  const EnvironmentVariable folder("PINFER_PLUGINS", std::getenv("PINFER_FAKE_FOLDER"));
  const EnvironmentVariable word("PINFER_FAKE_PLUGIN", "well");
  const auto state = (*backend)->describe();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(*state, "Arm NN 0.0.0: Nobody");
}

}  // namespace
}  // namespace pinfer::test
