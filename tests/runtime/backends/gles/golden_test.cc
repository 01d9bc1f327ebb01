// SPDX-License-Identifier: Apache-2.0
// Walks the goldens of the model zoo on the GPU: integer nets give the reference's bytes, float
// nets are within 1e-4 of the largest value, and a refusal names the operators that are in the way.
//
// PINFER_GOLDEN=<part of a name>,... runs some; PINFER_GOLDEN_VERBOSE=1 prints every outcome.
#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>

#include "tests/runtime/backends/gles/gles_case.h"
#include "tests/runtime/session/golden.h"
#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

// Of the 166 goldens known to the project this many run whole on the GPU; the rest is refused by
// name.
constexpr std::size_t kMustRun = 100;

const char* word(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::exact:
      return "exact";
    case Outcome::Kind::close:
      return "close";
    case Outcome::Kind::wrong:
      return "WRONG";
    default:
      return "refused";
  }
}

TEST(GlesGolden, EveryNetGivesTheReferenceBytesOrIsRefusedByName) {
  PINFER_NEEDS_GLES();
  const auto folders = golden_folders();
  if (folders.empty()) GTEST_SKIP() << "no goldens at " << zoo_folder() << " (set PINFER_ZOO)";
  const bool verbose = std::getenv("PINFER_GOLDEN_VERBOSE") != nullptr;
  std::size_t exact = 0, close = 0, refused = 0;
  for (const auto& folder : folders) {
    const Golden golden = read_golden(folder);
    const Outcome outcome = run_golden(golden, {.backend = "gles"});
    if (verbose)
      std::printf("%-8s %s %s\n", word(outcome.kind), golden.name.c_str(), outcome.detail.c_str());
    if (outcome.kind == Outcome::Kind::exact) ++exact;
    if (outcome.kind == Outcome::Kind::close) ++close;
    if (outcome.kind == Outcome::Kind::refused) {
      ++refused;
      EXPECT_THAT(outcome.detail,
                  ::testing::ContainsRegex("operator [0-9]+ [A-Z]|it has no operators"))
          << golden.name;
    }
    if (outcome.kind == Outcome::Kind::wrong)
      ADD_FAILURE() << golden.name << ": " << outcome.detail << "\n  "
                    << first_difference(golden, "gles");
  }
  std::printf("goldens on gles: %zu, bit-exact %zu, within 1e-4 %zu, refused %zu\n", folders.size(),
              exact, close, refused);
  if (std::getenv("PINFER_GOLDEN") == nullptr) {
    EXPECT_GE(exact + close, kMustRun);
  }
}

}  // namespace
}  // namespace pinfer::test
