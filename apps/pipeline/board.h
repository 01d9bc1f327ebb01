// SPDX-License-Identifier: Apache-2.0
// Board: which lines the header of a board has; read from boards/<id>.yaml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/diagnostic.h"
#include "runtime/core/result.h"

namespace pinfer {

enum class ResetPull : std::uint8_t { unknown, none, up, down };

// One pin of the header that is a line.
struct BoardPin {
  int pin = 0;       // position on the header (BOARD numbering)
  int gpio = -1;     // the number people call it by (BCM numbering); -1: it has none
  std::string name;  // of the line: "GPIO17", "PAC.06"
  std::string chip;  // label of its chip
  std::uint32_t offset = 0;
  ResetPull pull = ResetPull::unknown;  // what holds the line until somebody drives it
  std::string reserved;                 // why it is better left alone; empty: free

  friend bool operator==(const BoardPin&, const BoardPin&) = default;
};

// A pin of the header that is no line: "ground", "3.3 V".
struct BoardSupply {
  int pin = 0;
  std::string what;

  friend bool operator==(const BoardSupply&, const BoardSupply&) = default;
};

struct BoardChip {
  std::string label;
  std::uint32_t lines = 0;

  friend bool operator==(const BoardChip&, const BoardChip&) = default;
};

struct Board {
  std::string id;                       // file name without .yaml
  std::string name;                     // "Raspberry Pi 5"
  std::vector<std::string> compatible;  // of the device tree
  std::string driver;                   // of outputs that do not say: "gpio", "memory"
  std::vector<BoardChip> chips;         // those known; others may exist
  std::vector<BoardPin> pins;
  std::vector<BoardSupply> supplies;

  friend bool operator==(const Board&, const Board&) = default;
};

// How a configuration names a line; the one that is set.
struct LineRequest {
  std::optional<int> gpio;          // gpio: 17
  std::optional<int> pin;           // pin: 11
  std::optional<std::string> name;  // line: PAC.06
  std::string chip;                 // line: {chip: pinctrl-rp1, offset: 17}
  std::uint32_t offset = 0;
  bool allow_reserved = false;
};

struct BoardLine {
  std::string chip;
  std::uint32_t offset = 0;
  ResetPull pull = ResetPull::unknown;
  std::string place;  // for people: "GPIO17 (header pin 11)"

  friend bool operator==(const BoardLine&, const BoardLine&) = default;
};

// Errors: not_found (no such line, with the nearest one), refused (a reserved line). The message
// speaks of the line only: "GPIO40 does not exist on Raspberry Pi 5 (did you mean 4?)".
Result<BoardLine> find_line(const Board& board, const LineRequest& request);

struct BoardLoad {
  std::optional<Board> board;
  std::vector<Diagnostic> diagnostics;
};

// Reads one board file; the file name gives the id. Does not throw.
BoardLoad load_board(const std::string& path);

// The ids of all boards in a folder, sorted.
Result<std::vector<std::string>> list_boards(const std::string& boards_dir);

// Loads the board with that id; the error names the nearest one.
Result<Board> find_board(const std::string& boards_dir, const std::string& id);

// The id of the board whose `compatible` matches the device tree best, or "generic". `device_tree`
// is the folder of its root node: /proc/device-tree.
Result<std::string> detect_board(const std::string& boards_dir, const std::string& device_tree);

}  // namespace pinfer
