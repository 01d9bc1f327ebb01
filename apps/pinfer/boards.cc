// SPDX-License-Identifier: Apache-2.0
// pinfer boards: the boards that Pinfer knows, and the header of one with the pins in use.
#include <fmt/ostream.h>

#include <algorithm>
#include <map>
#include <memory>

#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/board.h"
#include "apps/pipeline/config_load.h"

namespace pinfer {
namespace {

struct Options {
  std::string board;
  std::string config;
  std::string boards_dir;
};

constexpr const char* kDeviceTree = "/proc/device-tree";

// What people should know of the line's end before they wire a machine to it.
std::string after_release_text(const Board& board) {
  const BoardAfterRelease& after = board.after_release;
  if (after.parameter.empty() && after.jetson_linux.empty())
    return std::string(to_string(after.line));
  std::string text;
  const auto add = [&](std::string_view when, AfterRelease line) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", to_string(line), when);
  };
  if (!after.parameter.empty()) {
    const std::string name = after.parameter.substr(after.parameter.rfind('/') + 1);
    add(name + " on", after.when_on);
    add(name + " off", after.when_off);
    add("without it", after.line);
  }
  for (const BoardRelease& release : after.jetson_linux)
    add(fmt::format("Jetson Linux {}.{} on", release.major, release.minor), release.line);
  return text;
}

// What one side of one row of the header shows.
struct Cell {
  std::string name;  // "GPIO17", "ground"
  std::string pull;
  std::string use;  // output that has it; else why to leave it alone, or what else hangs on it
};

std::string use_of(const BoardPin& pin, const Config* config) {
  if (config != nullptr) {
    for (const OutputConfig& output : config->outputs) {
      if (output.spec.chip.view() != pin.chip || output.spec.offset != pin.offset) continue;
      return fmt::format("* {} (active {}, safe {})", output.name,
                         output.spec.active_low ? "low" : "high",
                         output.spec.safe_active ? "on" : "off");
    }
  }
  if (!pin.reserved.empty()) return "! " + pin.reserved;
  std::string use = pin.note;
  if (pin.pwm)
    use += fmt::format("{}PWM {} channel {}", use.empty() ? "" : ", ", pin.pwm->device,
                       pin.pwm->channel);
  return use;
}

std::map<int, Cell> cells_of(const Board& board, const Config* config) {
  std::map<int, Cell> cells;
  for (const BoardSupply& supply : board.supplies) cells[supply.pin] = {supply.what, "", ""};
  for (const BoardPin& pin : board.pins) {
    const std::string number = fmt::format("GPIO{}", pin.gpio);
    const bool same = pin.gpio < 0 || pin.name == number;
    cells[pin.pin] = {same ? pin.name : fmt::format("{} {}", number, pin.name),
                      pin.pull == ResetPull::unknown ? "?" : std::string(to_string(pin.pull)),
                      use_of(pin, config)};
  }
  return cells;
}

void draw_header(std::ostream& out, const Board& board, const Config* config) {
  const std::map<int, Cell> cells = cells_of(board, config);
  std::size_t use = 0, name = 0;
  for (const auto& [pin, cell] : cells) {
    if (pin % 2 == 1) use = std::max(use, cell.use.size());
    name = std::max(name, cell.name.size());
  }
  const auto cell_at = [&](int pin) {
    const auto found = cells.find(pin);
    return found == cells.end() ? Cell{} : found->second;
  };
  fmt::print(out, "\n  {:>{}}  {:>{}}  pull  pin   pin  pull  line\n", "", use, "line", name);
  for (int pin = 1; !cells.empty() && pin <= cells.rbegin()->first; pin += 2) {
    const Cell left = cell_at(pin), right = cell_at(pin + 1);
    std::string row = fmt::format("  {:>{}}  {:>{}}  {:>4}  {:>3} | {:<3}  {:<4}  {:<{}}  {}",
                                  left.use, use, left.name, name, left.pull, pin, pin + 1,
                                  right.pull, right.name, name, right.use);
    row.erase(row.find_last_not_of(' ') + 1);
    out << row << "\n";
  }
  out << "\n  pull: after power-on, until somebody drives the line\n"
         "  * an output of the configuration   ! better left alone (allow_reserved: yes)\n";
}

void print_board(std::ostream& out, const Board& board, const Config* config) {
  fmt::print(out, "{} ({})\n", board.name, board.id);
  for (const BoardChip& chip : board.chips)
    fmt::print(out, "  chip         {}, {} lines\n", chip.label, chip.lines);
  fmt::print(out, "  owner dies   line {}\n", after_release_text(board));
  if (!board.after_release.change.empty())
    fmt::print(out, "  to change    {}\n", board.after_release.change);
  if (board.cameras.connectors >= 0)
    fmt::print(out, "  cameras      {} connector(s){}\n", board.cameras.connectors,
               board.cameras.plugin.empty() ? "" : ", csi:// needs " + board.cameras.plugin);
  if (board.watchdog_max_s > 0)
    fmt::print(out, "  watchdog     at most {} s\n", board.watchdog_max_s);
  if (!board.unsupported.empty()) fmt::print(out, "  unsupported  {}\n", board.unsupported);
  if (board.pins.empty())
    out << "\n  no header table: lines are named by chip and offset\n";
  else
    draw_header(out, board, config);
  if (config == nullptr) return;
  for (const OutputConfig& output : config->outputs) {
    const bool drawn = std::any_of(board.pins.begin(), board.pins.end(), [&](const BoardPin& p) {
      return output.spec.chip.view() == p.chip && output.spec.offset == p.offset;
    });
    if (!drawn)
      fmt::print(out, "  * {}: {}, not on this header\n", output.name,
                 output.place.empty() ? "no line" : output.place);
  }
}

Json pin_json(const BoardPin& pin, const Config* config) {
  Json json{{"pin", pin.pin},
            {"name", pin.name},
            {"chip", pin.chip},
            {"offset", pin.offset},
            {"pull", to_string(pin.pull)}};
  if (pin.gpio >= 0) json["gpio"] = pin.gpio;
  if (!pin.reserved.empty()) json["reserved"] = pin.reserved;
  if (!pin.note.empty()) json["note"] = pin.note;
  if (pin.pwm) json["pwm"] = {{"device", pin.pwm->device}, {"channel", pin.pwm->channel}};
  if (config == nullptr) return json;
  for (const OutputConfig& output : config->outputs)
    if (output.spec.chip.view() == pin.chip && output.spec.offset == pin.offset)
      json["output"] = output.name;
  return json;
}

Json to_json(const Board& board, const Config* config) {
  Json json{{"id", board.id}, {"name", board.name}, {"driver", board.driver}};
  json["compatible"] = board.compatible;
  for (const BoardChip& chip : board.chips) json["chips"][chip.label] = chip.lines;
  json["after_release"] = after_release_text(board);
  json["change"] = board.after_release.change;
  json["camera_connectors"] = board.cameras.connectors;
  json["watchdog_max_s"] = board.watchdog_max_s;
  if (!board.unsupported.empty()) json["unsupported"] = board.unsupported;
  json["pins"] = Json::array();
  for (const BoardPin& pin : board.pins) json["pins"].push_back(pin_json(pin, config));
  return json;
}

Result<ExitCode> list(const Options& options, Console& console) {
  PINFER_TRY(const auto ids, list_boards(options.boards_dir));
  PINFER_TRY(const std::string here, detect_board(options.boards_dir, kDeviceTree));
  Table table({"board", "name", "header", "when the owner of a line dies"},
              {false, false, true, false});
  Json json = Json::array();
  for (const std::string& id : ids) {
    PINFER_TRY(const Board board, find_board(options.boards_dir, id));
    const std::size_t pins = board.pins.size() + board.supplies.size();
    table.add({id + (id == here ? " *" : ""), board.name,
               pins == 0 ? "-" : fmt::format("{} pins", pins), after_release_text(board)});
    json.push_back(to_json(board, nullptr));
    json.back()["here"] = id == here;
  }
  if (console.json) {
    print_json(console.out, json);
    return ExitCode::ok;
  }
  table.print(console.out);
  console.out << "\n  * this machine\n";
  return ExitCode::ok;
}

Result<ExitCode> show(const Options& options, Console& console) {
  std::optional<Config> config;
  std::string id = options.board;
  if (!options.config.empty()) {
    ConfigOptions reading;
    reading.boards_dir = options.boards_dir;
    reading.check_files = false;
    PINFER_TRY(config, require_config(options.config, reading));
    if (id.empty()) id = config->board;
    if (id != config->board)
      return fail(ErrorCode::config, "{} is for the board {}, not for {}", options.config,
                  config->board, id);
  }
  PINFER_TRY(const Board board, find_board(options.boards_dir, id));
  const Config* const in_use = config ? &*config : nullptr;
  if (console.json)
    print_json(console.out, to_json(board, in_use));
  else
    print_board(console.out, board, in_use);
  return ExitCode::ok;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->boards_dir = find_boards_dir();
  app.add("board", options->board, "show this one").placeholder("NAME");
  app.add("--config", options->config, "mark the pins that this configuration uses")
      .placeholder("CONFIG");
  app.add("--boards", options->boards_dir, "the folder with the board descriptions").show_default();
  return [options](Console& console) {
    const bool all = options->board.empty() && options->config.empty();
    return all ? list(*options, console) : show(*options, console);
  };
}

}  // namespace

extern const Verb boards_verb;
const Verb boards_verb{.name = "boards",
                       .summary = "list the boards, or draw the header of one",
                       .examples =
                           "  pinfer boards\n"
                           "  pinfer boards raspberry-pi-5\n"
                           "  pinfer boards --config /etc/pinfer/config.yaml\n",
                       .declare = declare};

}  // namespace pinfer
