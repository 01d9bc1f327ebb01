// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/board.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace pinfer {
namespace {

namespace fs = std::filesystem;

Board must_find(const std::string& id) {
  auto board = find_board(PINFER_BOARDS_DIR, id);
  EXPECT_TRUE(board) << board.error().message;
  return board ? *board : Board{};
}

std::vector<std::string> all_boards() { return list_boards(PINFER_BOARDS_DIR).value(); }

class ShippedBoard : public testing::TestWithParam<std::string> {};

TEST_P(ShippedBoard, LoadsAndNamesEveryLineOnce) {
  const Board board = must_find(GetParam());
  EXPECT_EQ(board.id, GetParam());
  EXPECT_FALSE(board.name.empty());
  std::set<int> pins, gpios;
  std::set<std::string> names;
  for (const BoardPin& pin : board.pins) {
    EXPECT_TRUE(pins.insert(pin.pin).second) << pin.pin;
    EXPECT_TRUE(names.insert(pin.name).second) << pin.name;
    if (pin.gpio >= 0) {
      EXPECT_TRUE(gpios.insert(pin.gpio).second) << pin.gpio;
    }
  }
  for (const BoardSupply& supply : board.supplies) EXPECT_TRUE(pins.insert(supply.pin).second);
  EXPECT_TRUE(pins.empty() || (pins.size() == 40 && *pins.begin() == 1 && *pins.rbegin() == 40))
      << "a header is described whole";
}

TEST_P(ShippedBoard, FindsEachOfItsLinesByEveryName) {
  const Board board = must_find(GetParam());
  for (const BoardPin& pin : board.pins) {
    LineRequest by_pin;
    by_pin.pin = pin.pin;
    LineRequest by_gpio;
    by_gpio.gpio = pin.gpio;
    LineRequest by_name;
    by_name.name = pin.name;
    LineRequest by_offset;
    by_offset.chip = pin.chip;
    by_offset.offset = pin.offset;
    for (LineRequest request : {by_pin, by_gpio, by_name, by_offset}) {
      EXPECT_EQ(find_line(board, request).has_value(), pin.reserved.empty()) << pin.name;
      request.allow_reserved = true;
      const auto line = find_line(board, request);
      ASSERT_TRUE(line) << line.error().message;
      EXPECT_EQ(line->chip, pin.chip);
      EXPECT_EQ(line->offset, pin.offset);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Boards, ShippedBoard, testing::ValuesIn(all_boards()), [](const auto& id) {
  std::string name = id.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The facts that people rely on, written down a second time.
TEST(Boards, GiveTheHeaderOfTheRaspberryPi) {
  struct Fact {
    const char* board;
    const char* chip;
  };
  for (const Fact fact :
       {Fact{"raspberry-pi-5", "pinctrl-rp1"}, Fact{"raspberry-pi-4", "pinctrl-bcm2711"},
        Fact{"raspberry-pi-3", "pinctrl-bcm2835"}, Fact{"raspberry-pi-zero-2w", "pinctrl-bcm2835"},
        Fact{"simulated", "simulated"}}) {
    const Board board = must_find(fact.board);
    const std::pair<int, std::uint32_t> pins[] = {{3, 2},   {7, 4},   {11, 17}, {13, 27},
                                                  {22, 25}, {32, 12}, {37, 26}, {40, 21}};
    for (const auto& [pin, offset] : pins) {
      LineRequest request;
      request.pin = pin;
      const auto line = find_line(board, request);
      ASSERT_TRUE(line) << fact.board << ' ' << pin;
      EXPECT_EQ(line->chip, fact.chip);
      EXPECT_EQ(line->offset, offset) << fact.board << ' ' << pin;
      EXPECT_EQ(line->pull, offset <= 8 ? ResetPull::up : ResetPull::down);
    }
  }
}

TEST(Boards, GiveTheHeaderOfTheJetson) {
  const Board board = must_find("jetson-orin-nano");
  const std::pair<int, std::uint32_t> pins[] = {{7, 144},  {11, 112}, {13, 122}, {15, 85},
                                                {29, 105}, {33, 43},  {40, 51}};
  for (const auto& [pin, offset] : pins) {
    LineRequest request;
    request.pin = pin;
    EXPECT_EQ(find_line(board, request).value().offset, offset) << pin;
  }
  LineRequest named;
  named.name = "PAC.06";
  EXPECT_EQ(find_line(board, named).value().place, "PAC.06 (GPIO4, header pin 7)");
}

TEST(Boards, GiveTheHeaderOfTheJetsonNano) {
  const Board board = must_find("jetson-nano");
  EXPECT_FALSE(board.unsupported.empty());
  const std::pair<int, std::uint32_t> pins[] = {{7, 216},  {11, 50},  {13, 14}, {16, 232},
                                                {29, 149}, {32, 168}, {40, 78}};
  for (const auto& [pin, offset] : pins) {
    LineRequest request;
    request.pin = pin;
    EXPECT_EQ(find_line(board, request).value().offset, offset) << pin;
  }
  for (const BoardPin& pin : board.pins) EXPECT_EQ(pin.pull, ResetPull::unknown) << pin.name;
}

TEST(Boards, MayBeLikeAnother) {
  const Board base = must_find("raspberry-pi-4");
  const Board like = must_find("raspberry-pi-400");
  EXPECT_EQ(like.name, "Raspberry Pi 400");
  EXPECT_EQ(like.compatible, std::vector<std::string>{"raspberrypi,400"});
  EXPECT_EQ(like.pins, base.pins);
  EXPECT_EQ(like.chips, base.chips);
  EXPECT_EQ(like.after_release, base.after_release);
  EXPECT_EQ(like.cameras.connectors, 0);
  EXPECT_EQ(base.cameras.connectors, 1);
}

TEST(Boards, SayWhatALineDoesWhenItsOwnerDies) {
  const Board pi5 = must_find("raspberry-pi-5");
  EXPECT_EQ(after_release(pi5, "Y\n", ""), AfterRelease::keeps);
  EXPECT_EQ(after_release(pi5, "N\n", ""), AfterRelease::input);
  EXPECT_EQ(after_release(pi5, "", ""), AfterRelease::unknown);
  EXPECT_EQ(after_release(pi5, "?", ""), AfterRelease::unknown);
  const Board pi4 = must_find("raspberry-pi-4");
  EXPECT_EQ(after_release(pi4, "1", ""), AfterRelease::keeps);
  EXPECT_EQ(after_release(pi4, "", ""), AfterRelease::input) << "a kernel before the parameter";
  const Board orin = must_find("jetson-orin-nano");
  const auto jetson = [&](std::string_view text) { return after_release(orin, "", text); };
  EXPECT_EQ(jetson("# R35 (release), REVISION: 4.1, GCID: 1\n"), AfterRelease::keeps);
  EXPECT_EQ(jetson("# R36 (release), REVISION: 3.0, GCID: 1\n"), AfterRelease::floats);
  EXPECT_EQ(jetson("# R36 (release), REVISION: 4.7, GCID: 1\n"), AfterRelease::floats);
  EXPECT_EQ(jetson("# R36 (release), REVISION: 5.0, GCID: 1\n"), AfterRelease::keeps);
  EXPECT_EQ(jetson("# R32 (release), REVISION: 7.1, GCID: 1\n"), AfterRelease::unknown);
  EXPECT_EQ(jetson("something else"), AfterRelease::unknown);
  EXPECT_EQ(jetson("# R36 (release)"), AfterRelease::unknown);
  EXPECT_EQ(jetson_linux_version("# R36 (release), REVISION: 4.7"), "36.4");
  EXPECT_EQ(after_release(must_find("simulated"), "", ""), AfterRelease::safe);
}

TEST(Boards, KnowTheirPwmDevices) {
  const auto pwm = [](const char* board, int pin) {
    for (const BoardPin& p : must_find(board).pins)
      if (p.pin == pin) return p.pwm ? fmt::format("{} {}", p.pwm->device, p.pwm->channel) : "";
    return std::string("no pin");
  };
  EXPECT_EQ(pwm("raspberry-pi-5", 12), "1f00098000.pwm 2");
  EXPECT_EQ(pwm("raspberry-pi-5", 11), "");
  EXPECT_EQ(pwm("raspberry-pi-4", 33), "fe20c000.pwm 1");
  EXPECT_EQ(pwm("jetson-orin-nx", 32), "32e0000.pwm 0");
  EXPECT_EQ(pwm("jetson-nano", 33), "7000a000.pwm 2");
}

TEST(Boards, TakeUnknownChipsByLabel) {
  const Board board = must_find("raspberry-pi-5");
  LineRequest request;
  request.chip = "mcp23017";
  request.offset = 3;
  EXPECT_EQ(find_line(board, request).value(),
            (BoardLine{"mcp23017", 3, ResetPull::unknown, "mcp23017 line 3"}));
}

class DeviceTree {
 public:
  explicit DeviceTree(const std::string& compatible) {
    std::string name = (fs::temp_directory_path() / "pinfer_tree_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
    std::ofstream(path_ + "/compatible", std::ios::binary) << compatible;
  }
  ~DeviceTree() { fs::remove_all(path_); }
  std::string board() const { return detect_board(PINFER_BOARDS_DIR, path_).value(); }

 private:
  std::string path_;
};

TEST(Boards, AreDetectedByTheMostSpecificWordOfTheDeviceTree) {
  using namespace std::string_literals;
  EXPECT_EQ(DeviceTree("raspberrypi,5-model-b\0brcm,bcm2712\0"s).board(), "raspberry-pi-5");
  EXPECT_EQ(DeviceTree("raspberrypi,4-model-b\0brcm,bcm2711\0"s).board(), "raspberry-pi-4");
  EXPECT_EQ(DeviceTree("raspberrypi,400\0brcm,bcm2711\0"s).board(), "raspberry-pi-400");
  EXPECT_EQ(DeviceTree("raspberrypi,4-compute-module\0brcm,bcm2711\0"s).board(),
            "raspberry-pi-cm4");
  EXPECT_EQ(
      DeviceTree("nvidia,p3768-0000+p3767-0001\0nvidia,p3767-0001\0nvidia,tegra234\0"s).board(),
      "jetson-orin-nx");
  EXPECT_EQ(DeviceTree("nvidia,p3450-0000\0nvidia,jetson-nano\0nvidia,tegra210\0"s).board(),
            "jetson-nano");
  EXPECT_EQ(DeviceTree("raspberrypi,3-model-b-plus\0brcm,bcm2837\0"s).board(), "raspberry-pi-3");
  EXPECT_EQ(DeviceTree("raspberrypi,model-zero-2-w\0brcm,bcm2837\0"s).board(),
            "raspberry-pi-zero-2w");
  EXPECT_EQ(DeviceTree("nvidia,p3768-0000+p3767-0005-super\0nvidia,p3767-0005\0nvidia,tegra234\0"s)
                .board(),
            "jetson-orin-nano");
  EXPECT_EQ(DeviceTree("some,other-board\0"s).board(), "generic");
  EXPECT_EQ(DeviceTree("").board(), "generic");
  EXPECT_EQ(detect_board(PINFER_BOARDS_DIR, "/nonexistent").value(), "generic");
}

std::string errors_of(const std::string& text) {
  const fs::path path = fs::temp_directory_path() / "pinfer_bad_board.yaml";
  std::ofstream(path) << text;
  const BoardLoad load = load_board(path.string());
  fs::remove(path);
  EXPECT_FALSE(load.board);
  std::string errors;
  for (const Diagnostic& d : load.diagnostics) {
    errors += fmt::format("{}:{}: {}: {}\n", d.line, d.column, d.path, d.message);
  }
  return errors;
}

TEST(Boards, AreCheckedLikeConfigurations) {
  EXPECT_EQ(errors_of("nam: X\n"), "1:1: nam: unknown key (did you mean name?)\n");
  EXPECT_EQ(errors_of("name: X\nchips: {c: 10}\npins:\n  3: {name: A, offset: 10}\n"),
            "4:6: pins.3: needs an offset from 0 to 9\n");
  EXPECT_EQ(errors_of("name: X\nchips: {c: 10}\npins:\n  3: {name: A, chip: d, offset: 1}\n"),
            "4:6: pins.3: the chip 'd' is not one of chips:\n");
  EXPECT_EQ(
      errors_of(
          "name: X\nchips: {c: 10}\npins:\n  3: {name: A, gpio: 1}\n  5: {name: B, gpio: 1}\n"),
      "5:6: pins.5: header pin 3 is the same line\n");
  EXPECT_EQ(errors_of("name: X\nchips: {c: 10}\npins:\n  3: {name: A, gpio: 1}\n"
                      "  5: {name: B, gpio: 1, offset: 2}\n  7: {name: A, gpio: 3}\n"
                      "  07: ground\n"),
            "5:6: pins.5: header pin 3 is GPIO1 already\n"
            "6:6: pins.7: header pin 3 is called A already\n"
            "7:3: pins.07: pin 7 is described already\n");
  EXPECT_EQ(errors_of("name: X\npins:\n  three: ground\n"),
            "3:3: pins.three: a pin is a number from 1 to 1000\n");
  EXPECT_EQ(errors_of("name: X\ndriver: gpoi\n"),
            "2:9: driver: must be gpio, memory or log, is 'gpoi' (did you mean gpio?)\n");
  EXPECT_EQ(
      errors_of("name: X\nafter_release: {line: keep}\n"),
      "2:23: after_release.line: must be keeps, input, floats, safe or unknown, is 'keep' (did "
      "you mean keeps?)\n");
  EXPECT_EQ(errors_of("name: X\nafter_release: {change: x}\n"),
            "2:1: after_release: the key 'line' is missing\n");
  EXPECT_EQ(
      errors_of("name: X\nafter_release: {line: keeps, jetson_linux: {six: keeps}}\n"),
      "2:45: after_release.jetson_linux.six: a release of Jetson Linux is a number such as 36 or "
      "36.5\n");
  EXPECT_EQ(errors_of("name: X\nheat: {zone: cpu}\n"),
            "2:8: heat.zone: unknown key (did you mean zones?)\n");
  EXPECT_EQ(errors_of("name: X\ncameras: {connectors: many}\n"),
            "2:23: cameras.connectors: must be a whole number from 0 to 16, is 'many'\n");
  EXPECT_EQ(
      errors_of("name: X\nchips: {c: 10}\npins:\n  3: {name: A, gpio: 1, pwm: {device: p}}\n"),
      "4:25: pins.3.pwm: the key 'channel' is missing\n");
}

TEST(Boards, ThatAreLikeOthersSayWhatIsWrongThere) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("pinfer_like_{}", ::getpid());
  fs::create_directories(folder);
  const auto write = [&](const char* id, const std::string& text) {
    std::ofstream(folder / (std::string(id) + ".yaml")) << text;
  };
  const auto error = [&](const char* id) {
    const BoardLoad load = load_board((folder / (std::string(id) + ".yaml")).string());
    EXPECT_FALSE(load.board);
    return load.diagnostics.empty() ? "" : load.diagnostics.front().message;
  };
  write("a", "name: A\nlike: b\n");
  write("b", "name: B\nlike: a\n");
  write("c", "name: C\nlike: nowhere\n");
  write("d", "name: D\nlike: e\n");
  write("e", "name: E\ndriver: none\n");
  write("f", "name: F\nlike: ../f\n");
  EXPECT_THAT(error("a"), testing::HasSubstr("at most 4 deep"));
  EXPECT_THAT(error("c"), testing::HasSubstr("nowhere.yaml"));
  EXPECT_THAT(error("d"), testing::HasSubstr("the board 'e' does not load: line 2: must be gpio"));
  EXPECT_THAT(error("f"), testing::HasSubstr("must be a name"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace pinfer
