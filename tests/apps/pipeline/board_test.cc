// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/board.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(DeviceTree("raspberrypi,400\0brcm,bcm2711\0"s).board(), "raspberry-pi-4");
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
  EXPECT_EQ(errors_of("name: X\npins:\n  three: ground\n"),
            "3:3: pins.three: a pin is a number from 1 to 1000\n");
  EXPECT_EQ(errors_of("name: X\ndriver: gpoi\n"),
            "2:9: driver: must be gpio, memory or log, is 'gpoi' (did you mean gpio?)\n");
}

}  // namespace
}  // namespace pinfer
