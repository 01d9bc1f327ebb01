// SPDX-License-Identifier: Apache-2.0
// pinfer doctor on made-up machines: doctor_trees/NAME.tree describes one, NAME.expected is the
// whole report. PINFER_UPDATE_GOLDEN=1 writes the reports anew, for a person to read.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/pinfer/cli.h"
#include "apps/pinfer/doctor/boot_files.h"
#include "apps/pinfer/doctor/finding.h"
#include "apps/pinfer/doctor/system_view.h"
#include "tests/apps/pinfer/machine_tree.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using test::MachineTree;

const fs::path kTrees = PINFER_DOCTOR_TREES;

std::vector<std::string> tree_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kTrees)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".tree" && !name.starts_with('_')) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Ran {
  int code = -1;
  std::string out, err;
};

Ran doctor(const MachineTree& tree, bool json = false) {
  std::vector<std::string> words = {"doctor", "--root", tree.root(), "--boards", "boards"};
  if (!tree.config().empty()) words.push_back(tree.config());
  if (json) words.emplace_back("--json");
  std::ostringstream out, err;
  const int code = run_cli(std::move(words), out, err);
  return {code, out.str(), err.str()};
}

class DoctorTree : public testing::TestWithParam<std::string> {};

TEST_P(DoctorTree, GivesTheReportThatIsKeptAndTheSameInJson) {
  const MachineTree tree(kTrees, GetParam());
  const Ran text = doctor(tree);
  EXPECT_EQ(text.err, "");
  const std::string report = text.out + fmt::format("exit code {}\n", text.code);
  const fs::path expected = kTrees / (GetParam() + ".expected");
  if (std::getenv("PINFER_UPDATE_GOLDEN") != nullptr) std::ofstream(expected) << report;
  EXPECT_EQ(report, read_text(expected));

  const Ran ran = doctor(tree, true);
  const auto json = nlohmann::json::parse(ran.out);
  bool well = true;
  for (const auto& finding : json.at("findings")) {
    const std::string severity = finding.at("severity");
    well = well && (severity == "ok" || severity == "note");
    EXPECT_NE(finding.at("what"), "");
    if (severity != "ok") {
      EXPECT_THAT(report, testing::HasSubstr("[" + std::string(finding.at("id")) + "]"));
    }
  }
  EXPECT_EQ(json.at("ok"), well);
  EXPECT_EQ(ran.code, well ? 0 : 1);
  EXPECT_EQ(ran.code, text.code);
  EXPECT_THAT(report, testing::Not(testing::HasSubstr(tree.root()))) << "nothing of this machine";
}

INSTANTIATE_TEST_SUITE_P(Machines, DoctorTree, testing::ValuesIn(tree_names()),
                         [](const auto& name) {
                           std::string id = name.param;
                           std::replace(id.begin(), id.end(), '-', '_');
                           return id;
                         });

TEST(Doctor, HasATreeForEveryFinding) {
  EXPECT_GE(tree_names().size(), 25u);
  std::string reports;
  for (const std::string& name : tree_names()) reports += read_text(kTrees / (name + ".expected"));
  // Only what is worse than ok shows its id.
  for (const FindingKind& kind : finding_kinds())
    EXPECT_THAT(reports, testing::HasSubstr(fmt::format("[{}]", kind.name)));
}

TEST(Doctor, ItsReadmeNamesEveryFinding) {
  const std::string readme = read_text("apps/pinfer/doctor/README.md");
  for (const FindingKind& kind : finding_kinds())
    EXPECT_THAT(readme, testing::HasSubstr(std::string(kind.name)));
}

TEST(Doctor, LooksAtThisMachineWithoutChangingIt) {
  std::ostringstream out, err;
  const int code = run_cli({"doctor", "--boards", "boards"}, out, err);
  EXPECT_TRUE(code == 0 || code == 1) << err.str();
  EXPECT_THAT(out.str(), testing::HasSubstr("kernels can use"));
}

TEST(Doctor, RefusesAFolderThatIsNotThereAndAConfigurationThatIsWrong) {
  std::ostringstream out, err;
  EXPECT_EQ(run_cli({"doctor", "--root", "/nonexistent", "--boards", "boards"}, out, err), 1);
  EXPECT_THAT(err.str(), testing::HasSubstr("/nonexistent: there is no such folder"));
  EXPECT_EQ(run_cli({"doctor", "README.md", "--boards", "boards"}, out, err), 3);
}

TEST(BootConfig, IsReadAsTheFirmwareDoes) {
  const std::vector<std::string> config = {"dtparam=i2c=on,strict_gpiod", "gpio=0-8=op,dl",
                                           "gpio=17,27=op,dh", "gpio=27=op,dl", "gpio=22=ip,pu"};
  EXPECT_TRUE(asks_for_strict_gpiod(config));
  EXPECT_FALSE(asks_for_strict_gpiod({"dtparam=strict_gpiod=off", "strict_gpiod"}));
  EXPECT_EQ(boot_level(config, 5), std::optional(false));
  EXPECT_EQ(boot_level(config, 17), std::optional(true));
  EXPECT_EQ(boot_level(config, 27), std::optional(false)) << "the last line counts";
  EXPECT_EQ(boot_level(config, 22), std::nullopt);
  EXPECT_EQ(boot_level(config, 9), std::nullopt);
}

}  // namespace
}  // namespace pinfer
