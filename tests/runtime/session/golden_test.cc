// SPDX-License-Identifier: Apache-2.0
// Walks the goldens of the model zoo: every folder is a test by being there.
//
// PINFER_GOLDEN=<part of a name>,... runs some; PINFER_GOLDEN_VERBOSE=1 prints every outcome.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/runtime/session/golden.h"
#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

// Of the 166 goldens known to the project this many run; the others are refused by name.
constexpr std::size_t kMustRun = 164;

// A golden that does not run must be refused with the operator's (or the type's) name, not crash.
void expect_named_refusal(const Golden& golden, const std::string& message) {
  const bool named =
      message.find("operator") != std::string::npos || message.find("tensor") != std::string::npos;
  EXPECT_TRUE(named) << golden.name << ": " << message;
}

// Errors begin with the path of the model, which the name says already.
std::string short_detail(const Golden& golden, const std::string& detail) {
  const std::string path = golden.model.string();
  return detail.starts_with(path) ? detail.substr(std::min(detail.size(), path.size() + 2))
                                  : detail;
}

void walk(const RunOptions& options) {
  const auto folders = golden_folders();
  if (folders.empty()) GTEST_SKIP() << "no goldens at " << zoo_folder() << " (set PINFER_ZOO)";
  const bool verbose = std::getenv("PINFER_GOLDEN_VERBOSE") != nullptr;
  std::size_t ran = 0, exact = 0, refused = 0;
  for (const auto& folder : folders) {
    const Golden golden = read_golden(folder);
    const Outcome outcome = run_golden(golden, options);
    if (verbose || outcome.kind == Outcome::Kind::refused)
      std::printf("%-8s %s %s\n",
                  outcome.kind == Outcome::Kind::exact   ? "exact"
                  : outcome.kind == Outcome::Kind::close ? "close"
                  : outcome.kind == Outcome::Kind::wrong ? "WRONG"
                                                         : "refused",
                  golden.name.c_str(), short_detail(golden, outcome.detail).c_str());
    switch (outcome.kind) {
      case Outcome::Kind::exact:
        ++exact;
        [[fallthrough]];
      case Outcome::Kind::close:
        ++ran;
        break;
      case Outcome::Kind::wrong:
        ADD_FAILURE() << golden.name << ": " << outcome.detail << "\n  "
                      << first_difference(golden);
        break;
      case Outcome::Kind::refused:
        ++refused;
        expect_named_refusal(golden, outcome.detail);
        break;
    }
  }
  std::printf("goldens: %zu, bit-exact %zu, within 1e-4 %zu, refused %zu, threads %d, passes %s\n",
              folders.size(), exact, ran - exact, refused, options.threads,
              options.passes ? "on" : "off");
  if (std::getenv("PINFER_GOLDEN") == nullptr) {
    EXPECT_GE(ran, kMustRun);
  }
}

TEST(Golden, EveryNetGivesTheReferenceBytes) { walk({}); }
TEST(Golden, TheSameWithoutPasses) { walk({.passes = false}); }
TEST(Golden, PassesChangeNoByte) {
  const auto folders = golden_folders();
  if (folders.empty()) GTEST_SKIP() << "no goldens at " << zoo_folder() << " (set PINFER_ZOO)";
  for (const auto& folder : folders) {
    const Golden golden = read_golden(folder);
    std::string why;
    EXPECT_TRUE(same_bytes_without_passes(golden, why)) << golden.name << ": " << why;
  }
}

TEST(Golden, TheSameWithTwoThreads) { walk({.threads = 2}); }
TEST(Golden, TheSameWithFourThreads) { walk({.threads = 4}); }

}  // namespace
}  // namespace pinfer::test
