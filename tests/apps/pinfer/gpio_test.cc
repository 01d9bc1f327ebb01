// SPDX-License-Identifier: Apache-2.0
// pinfer gpio on the file-backed chip: the lines are real to everybody who watches the file.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "apps/pinfer/cli.h"
#include "apps/pinfer/line_owner.h"
#include "apps/pinfer/line_watch.h"
#include "drivers/output/memory_chip.h"
#include "drivers/output/output.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::uint32_t kLamp = 17, kBrake = 27;  // the lamp is safe off, the brake safe on

struct Ran {
  int code = -1;
  std::string out, err;
};

// A chip and a configuration of its own.
class Gpio : public testing::Test {
 protected:
  void SetUp() override {
    std::string place = (fs::temp_directory_path() / "pinfer_gpio_XXXXXX").string();
    ASSERT_NE(::mkdtemp(place.data()), nullptr);
    folder_ = place;
    ASSERT_EQ(::setenv("PINFER_MEMORY_DIR", folder_.c_str(), 1), 0);
    std::ofstream(folder_ / "config.yaml") << "board: simulated\ncamera: pattern:bars\n"
                                              "model: none.tflite\noutputs:\n"
                                              "  lamp: {gpio: 17}\n"
                                              "  brake: {gpio: 27, active: low, safe: on}\n"
                                              "  diary: {driver: log}\n";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<std::string> words(std::vector<std::string> command) const {
    command.insert(command.begin(), "gpio");
    command.insert(command.end(), {"--config", (folder_ / "config.yaml").string(), "--boards",
                                   fs::absolute("boards").string()});
    return command;
  }
  Ran gpio(std::vector<std::string> command) const {
    std::ostringstream out, err;
    const int code = run_cli(words(std::move(command)), out, err);
    return {code, out.str(), err.str()};
  }
  // The same as a process of its own, to be signalled and killed.
  pid_t start(std::vector<std::string> command) const {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    ::setpgid(0, 0);
    std::vector<std::string> all = words(std::move(command));
    all.insert(all.begin(), PINFER_PROGRAM);
    std::vector<char*> arguments;
    for (std::string& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    static_cast<void>(!::freopen("/dev/null", "w", stdout));
    ::execv(PINFER_PROGRAM, arguments.data());
    ::_exit(127);
  }

  MemoryLine line(std::uint32_t offset) const {
    const auto chip = MemoryChip::open(memory_chip_path("simulated"));
    return chip ? chip->read(offset) : MemoryLine{};
  }
  // Waits up to half a minute for what a loaded machine does late.
  template <class Condition>
  static bool eventually(const Condition& condition) {
    const MonotonicTime end = MonotonicTime::now() + 30s;
    while (!condition()) {
      if (MonotonicTime::now() > end) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  OutputSpec spec(const char* name, std::uint32_t offset) const {
    OutputSpec spec;
    EXPECT_TRUE(spec.name.assign(name) && spec.driver.assign("memory") &&
                spec.chip.assign("simulated"));
    spec.offset = offset;
    return spec;
  }

  fs::path folder_;
};

int exit_code(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(Gpio, TestBlinksAndEndsSafe) {
  const Ran ran = gpio({"test", "lamp", "--times", "4", "--on", "0.01", "--off", "0.01"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("lamp: GPIO17 (header pin 11), active high, safe off"));
  EXPECT_THAT(ran.out, HasSubstr("8 of 8 levels read back as driven; now off, its safe level"));
  EXPECT_EQ(line(kLamp).edges, 8u);
  EXPECT_FALSE(line(kLamp).active);
  EXPECT_FALSE(line(kLamp).owned);
  EXPECT_STREQ(line(kLamp).name.data(), "lamp");
}

TEST_F(Gpio, TestOfAnOutputThatIsSafeOnGoesOffAndOnAgain) {
  const Ran ran = gpio({"test", "brake", "--times", "1", "--on", "0.01", "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  ASSERT_EQ(json.at("steps").size(), 2u);
  EXPECT_EQ(json.at("steps")[0].at("driven"), "off");
  EXPECT_EQ(json.at("steps")[0].at("seen"), "off");
  EXPECT_EQ(json.at("steps")[1].at("driven"), "on");
  EXPECT_TRUE(line(kBrake).active);
  EXPECT_FALSE(line(kBrake).high) << "active low";
}

TEST_F(Gpio, ALineThatSomebodyHoldsIsRefused) {
  const auto held = create_output(spec("guard", kLamp));
  ASSERT_TRUE(held) << held.error().message;
  ASSERT_EQ((*held)->set(true), Status::ok);
  const std::uint64_t edges = line(kLamp).edges;
  for (const char* command : {"test", "release-test"}) {
    const Ran ran = gpio({command, "lamp"});
    EXPECT_EQ(ran.code, 4) << command;
    EXPECT_THAT(ran.err, HasSubstr(std::to_string(::getpid())));
    EXPECT_THAT(ran.err, HasSubstr("systemctl stop pinferd pinfer-guard"));
  }
  EXPECT_TRUE(line(kLamp).active);
  EXPECT_EQ(line(kLamp).edges, edges) << "not touched";
}

TEST_F(Gpio, CtrlCEndsATestSafe) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t pid = start({"test", "lamp", "--times", "1000", "--on", "5", "--off", "0.001"});
    ASSERT_TRUE(eventually([&] { return line(kLamp).active; }));
    ::kill(-pid, signal);  // to all of the process group, as a terminal does
    EXPECT_EQ(exit_code(pid), 1);
    EXPECT_FALSE(line(kLamp).active);
    EXPECT_FALSE(line(kLamp).driven_high) << "driven, not just let go";
    EXPECT_FALSE(line(kLamp).owned);
  }
}

TEST_F(Gpio, AKilledTestEndsSafeAllTheSame) {
  const pid_t pid = start({"test", "lamp", "--times", "1000", "--on", "5", "--off", "0.001"});
  ASSERT_TRUE(eventually([&] { return line(kLamp).active; }));
  ::kill(pid, SIGKILL);
  EXPECT_EQ(exit_code(pid), 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return !line(kLamp).owned; })) << "the owner ends by itself";
  EXPECT_FALSE(line(kLamp).driven_high) << "and drives the safe level before it does";
}

TEST_F(Gpio, ATestWhoseOwnerIsKilledDrivesTheSafeLevelAgain) {
  const pid_t pid = start({"test", "lamp", "--times", "1000", "--on", "0.2", "--off", "0.001"});
  ASSERT_TRUE(eventually([&] { return line(kLamp).active; }));
  ::kill(static_cast<pid_t>(line(kLamp).owner_pid), SIGKILL);
  EXPECT_EQ(exit_code(pid), 1);
  EXPECT_FALSE(line(kLamp).driven_high);
  EXPECT_FALSE(line(kLamp).owned);
}

TEST_F(Gpio, ReleaseTestMeasuresTheLineOfADeadOwner) {
  for (const auto& [name, offset] : {std::pair{"lamp", kLamp}, std::pair{"brake", kBrake}}) {
    const Ran ran = gpio({"release-test", name, "--watch", "0.1", "--json"});
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    const auto json = nlohmann::json::parse(ran.out);
    EXPECT_TRUE(json.at("measured"));
    EXPECT_EQ(json.at("changes"), 1);
    EXPECT_GE(json.at("safe_after_ms").get<double>(), 0.0);
    EXPECT_THAT(std::string(json.at("verdict")), testing::StartsWith("safe: "));
    EXPECT_EQ(line(offset).active, line(offset).safe_active);
    EXPECT_FALSE(line(offset).driven_high) << "the safe level, low for both, is driven once more";
    EXPECT_FALSE(line(offset).owned);
  }
  EXPECT_THAT(gpio({"release-test", "lamp", "--watch", "0.05"}).out,
              HasSubstr(" ms after its owner was killed, and stays so"));
}

TEST_F(Gpio, WrongUseIsExplained) {
  EXPECT_THAT(gpio({"test", "lmap"}).err, HasSubstr("did you mean lamp?"));
  EXPECT_EQ(gpio({"test", "lmap"}).code, 2);
  EXPECT_THAT(gpio({"release-test", "diary"}).err, HasSubstr("a log has no line"));
  EXPECT_THAT(gpio({"test", "lamp", "--read-back", "gpio:22", "--times", "1"}).err,
              HasSubstr("only a GPIO line has a wire to read back"));
  EXPECT_EQ(gpio({"test", "lamp", "--times", "0"}).code, 2);
  std::ostringstream out, err;
  EXPECT_EQ(run_cli({"gpio"}, out, err), 2);
}

TEST_F(Gpio, AGpioLineIsReleasedOnlyOnRequest) {
  std::ofstream(folder_ / "config.yaml")
      << "board: raspberry-pi-5\ncamera: pattern:bars\nmodel: none.tflite\noutputs:\n"
         "  lamp: {gpio: 17}\n";
  const Ran ran = gpio({"release-test", "lamp"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_THAT(ran.err, HasSubstr("add --yes"));
}

TEST_F(Gpio, ListShowsTheLinesThatHaveOwners) {
  const auto held = create_output(spec("lamp", kLamp));
  ASSERT_TRUE(held);
  const Ran text = gpio({"list"});
  EXPECT_EQ(text.code, 2) << "list takes no --config";
  std::ostringstream out, err;
  EXPECT_EQ(run_cli({"gpio", "list", "--boards", "boards", "--json"}, out, err), 0) << err.str();
  const auto json = nlohmann::json::parse(out.str());
  bool found = false;
  for (const auto& line : json.at("lines")) {
    if (line.at("chip") != "simulated" || line.at("offset") != kLamp) continue;
    found = true;
    EXPECT_EQ(line.at("name"), "lamp");
    EXPECT_EQ(line.at("held_by"), "process " + std::to_string(::getpid()));
  }
  EXPECT_TRUE(found) << out.str();
}

TEST_F(Gpio, AnOwnerThatHearsNothingIsStillThere) {
  auto owner = LineOwner::start(spec("lamp", kLamp));
  ASSERT_TRUE(owner) << owner.error().message;
  EXPECT_EQ(owner->set(true).value(), true);
  EXPECT_TRUE(line(kLamp).active);
  owner->kill();
  EXPECT_FALSE(owner->set(true)) << "a dead owner drives nothing";
  EXPECT_TRUE(owner->finish());
  EXPECT_FALSE(line(kLamp).driven_high);
}

TEST(LineRequestText, NamesALine) {
  EXPECT_EQ(parse_line_request("17").value().gpio, 17);
  EXPECT_EQ(parse_line_request("gpio:17").value().gpio, 17);
  EXPECT_EQ(parse_line_request("pin:11").value().pin, 11);
  EXPECT_EQ(parse_line_request("PAC.06").value().name, "PAC.06");
  EXPECT_EQ(parse_line_request("gpio-brcmstb@107d508500:4").value().chip,
            "gpio-brcmstb@107d508500");
  for (const char* wrong : {"", ":", ":4", "gpio:", "gpio:x", "pin:-1", "gpio:99999"})
    EXPECT_FALSE(parse_line_request(wrong)) << wrong;
}

}  // namespace
}  // namespace pinfer
