// SPDX-License-Identifier: Apache-2.0
#include "runtime/cpu/isa.h"

#include <gtest/gtest.h>

#include "tests/support/environment_variable.h"

namespace pinfer {
namespace {

constexpr IsaBits kAllArm = isa::neon | isa::neondot | isa::i8mm;

TEST(Isa, CapKeepsWhatTheLevelImplies) {
  EXPECT_EQ(cap_isa(kAllArm, "neon"), isa::neon);
  EXPECT_EQ(cap_isa(kAllArm, "neondot"), isa::neon | isa::neondot);
  EXPECT_EQ(cap_isa(kAllArm, "scalar"), isa::scalar);
  EXPECT_EQ(cap_isa(kAllArm, "auto"), kAllArm);
  EXPECT_EQ(cap_isa(isa::neon, "neondot"), isa::neon);  // a cap adds nothing
}

TEST(Isa, TheEnvironmentCapsWhatIsDetected) {
  const test::EnvironmentVariable unset("PINFER_ISA", nullptr);
  const IsaBits all = detect_isa();
  for (const char* level : {"scalar", "neon", "neondot", "i8mm", "avx2", "avx512vnni", "auto"}) {
    const test::EnvironmentVariable cap("PINFER_ISA", level);
    EXPECT_EQ(detect_isa(), cap_isa(all, level)) << level;
  }
}

TEST(Isa, AnUnknownLevelNamesTheNearest) {
  const auto capped = cap_isa(kAllArm, "neodot");
  ASSERT_FALSE(capped);
  EXPECT_NE(capped.error().message.find("did you mean neondot"), std::string::npos);
}

TEST(Isa, NamesItsBits) {
  EXPECT_EQ(to_string_isa(isa::scalar), "scalar");
  EXPECT_EQ(to_string_isa(isa::neon | isa::neondot), "neon neondot");
}

}  // namespace
}  // namespace pinfer
