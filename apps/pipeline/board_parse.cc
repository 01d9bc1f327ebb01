// SPDX-License-Identifier: Apache-2.0
// Reading one board file.
#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <filesystem>
#include <set>

#include "apps/pipeline/board.h"
#include "apps/pipeline/config_value.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxPin = 1000;
constexpr std::int64_t kMaxLines = 4096;
constexpr std::int64_t kMaxPwmChannels = 64;
constexpr std::int64_t kMaxConnectors = 16;
constexpr std::int64_t kMaxCelsius = 200;
constexpr std::int64_t kMaxWatchdogSeconds = 86400;
constexpr std::array<Choice<std::string_view>, 3> kDrivers = {
    {{"gpio", "gpio"}, {"memory", "memory"}, {"log", "log"}}};
constexpr std::array<Choice<ResetPull>, 4> kPulls = {{{"up", ResetPull::up},
                                                      {"down", ResetPull::down},
                                                      {"none", ResetPull::none},
                                                      {"unknown", ResetPull::unknown}}};
constexpr std::array<Choice<AfterRelease>, 5> kAfterRelease = {
    {{"keeps", AfterRelease::keeps},
     {"input", AfterRelease::input},
     {"floats", AfterRelease::floats},
     {"safe", AfterRelease::safe},
     {"unknown", AfterRelease::unknown}}};
constexpr std::array<Choice<PinMux>, 3> kPinMux = {
    {{"driver", PinMux::driver}, {"boot", PinMux::boot}, {"unknown", PinMux::unknown}}};

BoardLoad parse(std::string_view text, const std::string& path, int depth);

std::optional<int> to_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

void read_chips(const ConfigValue& value, Board& board) {
  Section section(value);
  for (const auto& [label, lines] : section.named_entries()) {
    std::int64_t count = 0;
    if (lines.integer({1, kMaxLines}, count)) {
      board.chips.push_back({label, static_cast<std::uint32_t>(count)});
    }
  }
}

void read_pwm(const ConfigValue& value, BoardPin& pin) {
  Section section(value);
  BoardPwm pwm;
  const auto device = section.require("device");
  const auto channel = section.require("channel");
  section.finish();
  std::int64_t number = 0;
  if (!device || !channel || !device->text(pwm.device)) return;
  if (!channel->integer({0, kMaxPwmChannels - 1}, number)) return;
  pwm.channel = static_cast<std::uint32_t>(number);
  pin.pwm = std::move(pwm);
}

void check_line(const ConfigValue& value, const Board& board, const BoardPin& pin,
                std::int64_t offset) {
  const auto known = std::find_if(board.chips.begin(), board.chips.end(),
                                  [&](const BoardChip& c) { return c.label == pin.chip; });
  if (known == board.chips.end()) {
    value.error(fmt::format("the chip '{}' is not one of chips:", pin.chip));
  } else if (offset < 0 || offset >= known->lines) {
    value.error(fmt::format("needs an offset from 0 to {}", known->lines - 1));
  }
  for (const BoardPin& other : board.pins) {
    if (other.chip == pin.chip && other.offset == offset) {
      value.error(fmt::format("header pin {} is the same line", other.pin));
    } else if (other.gpio == pin.gpio && pin.gpio >= 0) {
      value.error(fmt::format("header pin {} is GPIO{} already", other.pin, pin.gpio));
    } else if (other.name == pin.name) {
      value.error(fmt::format("header pin {} is called {} already", other.pin, pin.name));
    }
  }
}

void read_line(const ConfigValue& value, int number, Board& board) {
  BoardPin pin;
  pin.pin = number;
  Section section(value);
  pin.chip = board.chips.empty() ? "" : board.chips.front().label;
  if (const auto v = section.require("name")) v->text(pin.name);
  if (const auto v = section.find("gpio")) v->integer({0, kMaxLines - 1}, pin.gpio);
  if (const auto v = section.find("chip")) v->text(pin.chip);
  std::int64_t offset = pin.gpio;
  if (const auto v = section.find("offset")) v->integer({0, kMaxLines - 1}, offset);
  if (const auto v = section.find("pull")) v->choice(kPulls, pin.pull);
  if (const auto v = section.find("reserved")) v->text(pin.reserved);
  if (const auto v = section.find("note")) v->text(pin.note);
  if (const auto v = section.find("pwm")) read_pwm(*v, pin);
  section.finish();
  check_line(value, board, pin, offset);
  pin.offset = static_cast<std::uint32_t>(std::max<std::int64_t>(offset, 0));
  board.pins.push_back(std::move(pin));
}

void read_pins(const ConfigValue& value, Board& board) {
  board.pins.clear();
  board.supplies.clear();
  std::set<int> numbers;  // 3 and 03 are different keys
  Section section(value);
  for (const auto& [key, entry] : section.named_entries()) {
    const auto number = to_number(key);
    if (!number || *number < 1 || *number > kMaxPin) {
      entry.error_at_key(fmt::format("a pin is a number from 1 to {}", kMaxPin));
    } else if (!numbers.insert(*number).second) {
      entry.error_at_key(fmt::format("pin {} is described already", *number));
    } else if (entry.is_scalar()) {
      BoardSupply supply{*number, ""};
      if (entry.text(supply.what)) board.supplies.push_back(std::move(supply));
    } else {
      read_line(entry, *number, board);
    }
  }
}

// jetson_linux: {"36": floats, "36.5": keeps}
void read_releases(const ConfigValue& value, BoardAfterRelease& after) {
  Section section(value);
  for (const auto& [key, entry] : section.named_entries()) {
    const std::size_t dot = std::min(key.find('.'), key.size());
    const auto major = to_number(key.substr(0, dot));
    const auto minor = dot == key.size() ? std::optional(0) : to_number(key.substr(dot + 1));
    BoardRelease release;
    if (!major || !minor) {
      entry.error_at_key("a release of Jetson Linux is a number such as 36 or 36.5");
    } else if (entry.choice(kAfterRelease, release.line)) {
      release.major = *major;
      release.minor = *minor;
      after.jetson_linux.push_back(release);
    }
  }
  std::sort(after.jetson_linux.begin(), after.jetson_linux.end(),
            [](const BoardRelease& a, const BoardRelease& b) {
              return std::pair(a.major, a.minor) < std::pair(b.major, b.minor);
            });
}

void read_parameter(const ConfigValue& value, BoardAfterRelease& after) {
  Section section(value);
  if (const auto v = section.require("file")) v->text(after.parameter);
  if (const auto v = section.require("on")) v->choice(kAfterRelease, after.when_on);
  if (const auto v = section.require("off")) v->choice(kAfterRelease, after.when_off);
  section.finish();
}

void read_after_release(const ConfigValue& value, BoardAfterRelease& after) {
  after = {};
  Section section(value);
  if (const auto v = section.require("line")) v->choice(kAfterRelease, after.line);
  if (const auto v = section.find("parameter")) read_parameter(*v, after);
  if (const auto v = section.find("jetson_linux")) read_releases(*v, after);
  if (const auto v = section.find("change")) v->text(after.change);
  section.finish();
}

void read_cameras(const ConfigValue& value, BoardCameras& cameras) {
  cameras = {};
  Section section(value);
  if (const auto v = section.find("connectors")) {
    v->integer({0, kMaxConnectors}, cameras.connectors);
  }
  if (const auto v = section.find("plugin")) v->text(cameras.plugin);
  section.finish();
}

void read_heat(const ConfigValue& value, BoardHeat& heat) {
  heat = {};
  Section section(value);
  if (const auto v = section.find("zones")) {
    for (const ConfigValue& item : v->items()) item.text(heat.zones.emplace_back());
  }
  if (const auto v = section.find("throttles_at")) v->integer({1, kMaxCelsius}, heat.throttles_at);
  if (const auto v = section.find("throttled")) v->text(heat.throttled);
  section.finish();
}

// What a board takes over from another one: everything but its names.
void read_like(const ConfigValue& value, const std::string& path, int depth, Board& board) {
  std::string id;
  if (!value.name(id)) return;
  if (depth == kMaxBoardDepth) {
    value.error(fmt::format("boards that are like boards are at most {} deep", kMaxBoardDepth));
    return;
  }
  const std::string other = (fs::path(path).parent_path() / (id + ".yaml")).string();
  const auto text = read_file(other, kMaxConfigBytes);
  if (!text) {
    value.error(text.error().message);
    return;
  }
  BoardLoad load = parse(*text, other, depth + 1);
  if (!load.board) {
    value.error(fmt::format("the board '{}' does not load: line {}: {}", id,
                            load.diagnostics.front().line, load.diagnostics.front().message));
    return;
  }
  board = *std::move(load.board);
  board.compatible.clear();
  board.unsupported.clear();
}

void read_rest(Section& section, Board& board) {
  if (const auto v = section.find("after_release")) read_after_release(*v, board.after_release);
  if (const auto v = section.find("cameras")) read_cameras(*v, board.cameras);
  if (const auto v = section.find("heat")) read_heat(*v, board.heat);
  if (const auto v = section.find("pinmux")) v->choice(kPinMux, board.pinmux);
  if (const auto v = section.find("watchdog_max_s")) {
    v->integer({1, kMaxWatchdogSeconds}, board.watchdog_max_s);
  }
  if (const auto v = section.find("unsupported")) v->text(board.unsupported);
}

Board read_board(const ConfigValue& root, const std::string& path, int depth) {
  Board board;
  Section section(root);
  if (const auto v = section.find("like")) read_like(*v, path, depth, board);
  if (const auto v = section.require("name")) v->text(board.name);
  if (const auto v = section.find("compatible")) {
    for (const ConfigValue& item : v->items()) item.text(board.compatible.emplace_back());
  }
  std::string_view driver = "gpio";
  if (!board.driver.empty()) driver = board.driver;
  if (const auto v = section.find("driver")) v->choice(kDrivers, driver);
  board.driver = std::string(driver);
  if (const auto v = section.find("chips")) {
    board.chips.clear();
    read_chips(*v, board);
  }
  if (const auto v = section.find("pins")) read_pins(*v, board);
  read_rest(section, board);
  section.finish();
  board.id = fs::path(path).stem().string();
  return board;
}

BoardLoad parse(std::string_view text, const std::string& path, int depth) {
  BoardLoad load;
  const ConfigSource source(path, text);
  load.diagnostics = check_text(source);
  if (!load.diagnostics.empty()) return load;
  auto document = parse_yaml(source, load.diagnostics);
  if (!document) return load;
  const Environment none = [](const std::string&) { return std::nullopt; };
  settle_yaml(source, none, *document, load.diagnostics);
  ConfigReader reader{source, *document, load.diagnostics};
  Board board = read_board(ConfigValue(reader, document->root, {}, ""), path, depth);
  sort_diagnostics(load.diagnostics);
  if (!has_errors(load.diagnostics)) load.board = std::move(board);
  return load;
}

}  // namespace

BoardLoad parse_board(std::string_view text, const std::string& path) {
  try {
    return parse(text, path, 0);
  } catch (const std::exception& error) {  // out of memory, or a file system that answers nonsense
    BoardLoad load;
    load.diagnostics.push_back(
        {Severity::error, path, 0, 0, "", fmt::format("cannot be read: {}", error.what()), "", 1});
    return load;
  }
}

BoardLoad load_board(const std::string& path) {
  const auto text = read_file(path, kMaxConfigBytes);
  if (text) return parse_board(*text, path);
  BoardLoad load;
  load.diagnostics.push_back({Severity::error, path, 0, 0, "", text.error().message, "", 1});
  return load;
}

}  // namespace pinfer
