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

// A PWM channel that can come out at a pin once the pin is muxed to it.
struct BoardPwm {
  std::string device;  // name of the device below /sys/class/pwm/pwmchip*/device
  std::uint32_t channel = 0;

  friend bool operator==(const BoardPwm&, const BoardPwm&) = default;
};

// One pin of the header that is a line.
struct BoardPin {
  int pin = 0;       // position on the header (BOARD numbering)
  int gpio = -1;     // the number people call it by (BCM numbering); -1: it has none
  std::string name;  // of the line: "GPIO17", "PAC.06"
  std::string chip;  // label of its chip
  std::uint32_t offset = 0;
  ResetPull pull = ResetPull::unknown;  // what holds the line until somebody drives it
  std::string reserved;                 // why it is better left alone; empty: free
  std::string note;                     // what else hangs on it; empty: nothing known
  std::optional<BoardPwm> pwm;

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

// What a line does when the process that owns it dies.
enum class AfterRelease : std::uint8_t {
  unknown,
  keeps,   // the last level: an "on" stays on
  input,   // it becomes an input: the pull resistors decide
  floats,  // the pad goes to another function: nobody decides
  safe     // it shows the safe level (the file-backed chip)
};

// From this release of Jetson Linux on ("36.5"), until the next one listed.
struct BoardRelease {
  int major = 0;
  int minor = 0;
  AfterRelease line = AfterRelease::unknown;

  friend bool operator==(const BoardRelease&, const BoardRelease&) = default;
};

struct BoardAfterRelease {
  AfterRelease line = AfterRelease::unknown;  // where nothing below says otherwise
  std::string parameter;                      // a file of the kernel that says Y or N; empty: none
  AfterRelease when_on = AfterRelease::unknown;
  AfterRelease when_off = AfterRelease::unknown;
  std::vector<BoardRelease> jetson_linux;  // ascending; of /etc/nv_tegra_release
  std::string change;                      // how to change it, for people; empty: not known

  friend bool operator==(const BoardAfterRelease&, const BoardAfterRelease&) = default;
};

// The camera connectors of the board itself; USB cameras work on every board.
struct BoardCameras {
  int connectors = -1;  // -1: not known
  std::string plugin;   // GStreamer plugin that `csi://` needs: "libcamera", "nvarguscamerasrc"

  friend bool operator==(const BoardCameras&, const BoardCameras&) = default;
};

struct BoardHeat {
  std::vector<std::string> zones;  // types of /sys/class/thermal/thermal_zone*, the best first
  int throttles_at = 0;            // degrees Celsius; 0: not known
  std::string throttled;  // file with the bits of `vcgencmd get_throttled`, in hex; empty: none

  friend bool operator==(const BoardHeat&, const BoardHeat&) = default;
};

// Who connects a pin to its GPIO controller.
enum class PinMux : std::uint8_t {
  unknown,
  driver,  // the GPIO driver, when a line is requested
  boot     // only what the board was flashed or booted with
};

struct Board {
  std::string id;                       // file name without .yaml
  std::string name;                     // "Raspberry Pi 5"
  std::vector<std::string> compatible;  // of the device tree
  std::string driver;                   // of outputs that do not say: "gpio", "memory"
  std::vector<BoardChip> chips;         // those known; others may exist
  std::vector<BoardPin> pins;
  std::vector<BoardSupply> supplies;
  BoardAfterRelease after_release;
  BoardCameras cameras;
  BoardHeat heat;
  PinMux pinmux = PinMux::unknown;
  int watchdog_max_s = 0;   // longest time its hardware watchdog can count; 0: not known
  std::string unsupported;  // why Pinfer does not run there; empty: it does

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

inline constexpr int kMaxBoardDepth = 4;  // of boards that are `like` another

// Reads one board file; the file name gives the id. Does not throw.
BoardLoad load_board(const std::string& path);

// The same from text; a board that it is `like` lies beside `path`, which names it in messages.
BoardLoad parse_board(std::string_view text, const std::string& path);

// What a line does when its owner dies, on this board with this software. `parameter` is the text
// of after_release.parameter, `nv_tegra_release` of the file of that name; empty: not there.
AfterRelease after_release(const Board& board, std::string_view parameter,
                           std::string_view nv_tegra_release);

// "36.4" of the first line of /etc/nv_tegra_release; empty when it is not one.
std::string jetson_linux_version(std::string_view nv_tegra_release);

std::string_view to_string(ResetPull pull) noexcept;     // "up"
std::string_view to_string(AfterRelease line) noexcept;  // "keeps"

// The ids of all boards in a folder, sorted.
Result<std::vector<std::string>> list_boards(const std::string& boards_dir);

// Loads the board with that id; the error names the nearest one.
Result<Board> find_board(const std::string& boards_dir, const std::string& id);

// The id of the board whose `compatible` matches the device tree best, or "generic". `device_tree`
// is the folder of its root node: /proc/device-tree.
Result<std::string> detect_board(const std::string& boards_dir, const std::string& device_tree);

}  // namespace pinfer
