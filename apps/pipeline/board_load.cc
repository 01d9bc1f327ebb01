// SPDX-License-Identifier: Apache-2.0
// Reading board files and finding out on which board we run.
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "apps/pipeline/board.h"
#include "apps/pipeline/config_value.h"
#include "runtime/core/files.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxPin = 1000;
constexpr std::int64_t kMaxLines = 4096;
constexpr std::size_t kMaxCompatibleBytes = 4096;
constexpr std::array<Choice<std::string_view>, 3> kDrivers = {
    {{"gpio", "gpio"}, {"memory", "memory"}, {"log", "log"}}};
constexpr std::array<Choice<ResetPull>, 3> kPulls = {
    {{"up", ResetPull::up}, {"down", ResetPull::down}, {"none", ResetPull::none}}};

void read_chips(const ConfigValue& value, Board& board) {
  Section section(value);
  for (const auto& [label, lines] : section.named_entries()) {
    std::int64_t count = 0;
    if (lines.integer({1, kMaxLines}, count)) {
      board.chips.push_back({label, static_cast<std::uint32_t>(count)});
    }
  }
}

void read_line(const ConfigValue& value, int number, Board& board) {
  BoardPin pin;
  pin.pin = number;
  Section section(value);
  std::string chip = board.chips.empty() ? "" : board.chips.front().label;
  if (const auto v = section.require("name")) v->text(pin.name);
  if (const auto v = section.find("gpio")) v->integer({0, kMaxLines - 1}, pin.gpio);
  if (const auto v = section.find("chip")) v->text(chip);
  std::int64_t offset = pin.gpio;
  if (const auto v = section.find("offset")) v->integer({0, kMaxLines - 1}, offset);
  if (const auto v = section.find("pull")) v->choice(kPulls, pin.pull);
  if (const auto v = section.find("reserved")) v->text(pin.reserved);
  section.finish();
  const auto known = std::find_if(board.chips.begin(), board.chips.end(),
                                  [&](const BoardChip& c) { return c.label == chip; });
  if (known == board.chips.end()) {
    value.error(fmt::format("the chip '{}' is not one of chips:", chip));
  } else if (offset < 0 || offset >= known->lines) {
    value.error(fmt::format("needs an offset from 0 to {}", known->lines - 1));
  }
  for (const BoardPin& other : board.pins) {
    if (other.chip == chip && other.offset == offset) {
      value.error(fmt::format("header pin {} is the same line", other.pin));
    }
  }
  pin.chip = chip;
  pin.offset = static_cast<std::uint32_t>(std::max<std::int64_t>(offset, 0));
  board.pins.push_back(std::move(pin));
}

void read_pins(const ConfigValue& value, Board& board) {
  Section section(value);
  for (const auto& [key, entry] : section.named_entries()) {
    int number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc{} || end != key.data() + key.size() || number < 1 || number > kMaxPin) {
      entry.error_at_key(fmt::format("a pin is a number from 1 to {}", kMaxPin));
    } else if (entry.is_scalar()) {
      BoardSupply supply{number, ""};
      if (entry.text(supply.what)) board.supplies.push_back(std::move(supply));
    } else {
      read_line(entry, number, board);
    }
  }
}

Board read_board(const ConfigValue& root) {
  Board board;
  Section section(root);
  if (const auto v = section.require("name")) v->text(board.name);
  if (const auto v = section.find("compatible")) {
    for (const ConfigValue& item : v->items()) item.text(board.compatible.emplace_back());
  }
  std::string_view driver = "gpio";
  if (const auto v = section.find("driver")) v->choice(kDrivers, driver);
  board.driver = driver;
  if (const auto v = section.find("chips")) read_chips(*v, board);
  if (const auto v = section.find("pins")) read_pins(*v, board);
  section.finish();
  return board;
}

std::string board_path(const std::string& boards_dir, const std::string& id) {
  return (fs::path(boards_dir) / (id + ".yaml")).string();
}

// The NUL-separated words of <device_tree>/compatible, most specific first.
std::vector<std::string> compatible_of(const std::string& device_tree) {
  // not read_file(): the kernel's files cannot be mapped
  std::ifstream file(fs::path(device_tree) / "compatible", std::ios::binary);
  std::string text(kMaxCompatibleBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::vector<std::string> words;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\0', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

BoardLoad load_board(const std::string& path) {
  BoardLoad load;
  const auto text = read_file(path, kMaxConfigBytes);
  if (!text) {
    load.diagnostics.push_back({Severity::error, path, 0, 0, "", text.error().message, "", 1});
    return load;
  }
  const ConfigSource source(path, *text);
  load.diagnostics = check_text(source);
  if (!load.diagnostics.empty()) return load;
  auto document = parse_yaml(source, load.diagnostics);
  if (!document) return load;
  const Environment none = [](const std::string&) { return std::nullopt; };
  settle_yaml(source, none, *document, load.diagnostics);
  ConfigReader reader{source, *document, load.diagnostics};
  Board board = read_board(ConfigValue(reader, document->root, {}, ""));
  board.id = fs::path(path).stem().string();
  sort_diagnostics(load.diagnostics);
  if (!has_errors(load.diagnostics)) load.board = std::move(board);
  return load;
}

Result<std::vector<std::string>> list_boards(const std::string& boards_dir) {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator entry(boards_dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") ids.push_back(entry->path().stem().string());
  }
  if (error || ids.empty()) {
    return fail(ErrorCode::not_found, "no board files (*.yaml) in the folder '{}'{}{}", boards_dir,
                error ? ": " : "", error ? error.message() : "");
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<Board> find_board(const std::string& boards_dir, const std::string& id) {
  PINFER_TRY(const auto ids, list_boards(boards_dir));
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    const auto guess = nearest(id, ids);
    return fail(ErrorCode::not_found, "there is no board '{}'{}", id,
                guess ? fmt::format(" (did you mean {}?)", *guess)
                      : fmt::format("; known are auto, {}", fmt::join(ids, ", ")));
  }
  BoardLoad load = load_board(board_path(boards_dir, id));
  if (!load.board) {
    return fail(ErrorCode::config, "the board file does not load:\n{}",
                render_text(load.diagnostics));
  }
  return *std::move(load.board);
}

Result<std::string> detect_board(const std::string& boards_dir, const std::string& device_tree) {
  const std::vector<std::string> words = compatible_of(device_tree);
  if (words.empty()) return std::string("generic");
  PINFER_TRY(const auto ids, list_boards(boards_dir));
  std::string best = "generic";
  std::size_t best_rank = words.size();
  for (const std::string& id : ids) {
    const BoardLoad load = load_board(board_path(boards_dir, id));
    if (!load.board) continue;  // one bad file must not hide the board we run on
    const auto& known = load.board->compatible;
    const auto hit = std::find_first_of(words.begin(), words.end(), known.begin(), known.end());
    const auto rank = static_cast<std::size_t>(hit - words.begin());
    if (rank >= best_rank) continue;
    best_rank = rank;
    best = id;
  }
  return best;
}

}  // namespace pinfer
