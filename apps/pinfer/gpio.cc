// SPDX-License-Identifier: Apache-2.0
// pinfer gpio: which lines there are, and trying one by hand.
#include <fmt/ostream.h>

#include <filesystem>
#include <memory>

#include "apps/pinfer/gpio_tests.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/config_load.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

struct Options {
  std::string boards_dir;
  std::string config = "/etc/pinfer/config.yaml";
  std::string output;
  std::string read_back;
  int times = 3;
  double on = 0.5;
  double off = 0.5;
  double watch = 1.0;
  bool all = false;
  bool yes = false;
};

Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

const char* word(bool active) { return active ? "on" : "off"; }

// ---- list ----

std::string pin_of(const Board& board, const std::string& label, std::uint32_t offset) {
  for (const BoardPin& pin : board.pins)
    if (pin.chip == label && pin.offset == offset)
      return fmt::format("{}{}", pin.pin, pin.reserved.empty() ? "" : " !");
  return "";
}

struct Listed {
  std::string chip;
  std::uint32_t offset = 0;
  std::string name, pin, held;
};

void list_chips(const Board& board, bool all, const std::vector<ChipState>& chips,
                std::vector<Listed>& lines) {
  for (const ChipState& chip : chips) {
    for (const LineState& line : chip.line) {
      const std::string pin = pin_of(board, chip.label, line.offset);
      if (pin.empty() && !all) continue;
      const std::string who = line.consumer.empty() ? "the kernel" : line.consumer;
      lines.push_back({chip.label, line.offset, line.name, pin, line.used ? who : ""});
    }
  }
}

// The file-backed chips of this machine: lines that have ever had an owner.
void list_memory(std::vector<Listed>& lines) {
  constexpr std::string_view kPrefix = "memory-";
  const std::filesystem::path folder = std::filesystem::path(memory_chip_path("any")).parent_path();
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string file = entry->path().filename().string();
    if (!file.starts_with(kPrefix)) continue;
    const auto chip = MemoryChip::open(entry->path().string());
    for (std::uint32_t offset = 0; chip && offset < kMemoryChipLines; ++offset) {
      const MemoryLine line = chip->read(offset);
      if (!line.claimed) continue;
      const std::string held = line.owned ? fmt::format("process {}", line.owner_pid) : "";
      lines.push_back({file.substr(kPrefix.size()), offset, line.name.data(),
                       fmt::format("memory, {}", word(line.active)), held});
    }
  }
}

Result<ExitCode> list(const Options& options, Console& console) {
  PINFER_TRY(const std::string id, detect_board(options.boards_dir, "/proc/device-tree"));
  PINFER_TRY(const Board board, find_board(options.boards_dir, id));
  std::vector<Listed> lines;
  const auto chips = read_kernel_lines();
  if (chips) list_chips(board, options.all || board.pins.empty(), *chips, lines);
  list_memory(lines);
  if (console.json) {
    Json json{{"board", board.id}, {"lines", Json::array()}};
    if (!chips) json["gpio"] = chips.error().message;
    for (const Listed& line : lines)
      json["lines"].push_back({{"chip", line.chip},
                               {"offset", line.offset},
                               {"name", line.name},
                               {"pin", line.pin},
                               {"held_by", line.held}});
    print_json(console.out, json);
    return ExitCode::ok;
  }
  fmt::print(console.out, "{} ({})\n", board.name, board.id);
  if (!chips) fmt::print(console.out, "  GPIO: {}\n", chips.error().message);
  Table table({"chip", "line", "name", "header pin", "held by"},
              {false, true, false, false, false});
  for (const Listed& line : lines)
    table.add({line.chip, std::to_string(line.offset), line.name, line.pin, line.held});
  if (!lines.empty()) table.print(console.out);
  return ExitCode::ok;
}

// ---- test, release-test ----

struct Chosen {
  OutputConfig output;
  Board board;
};

Result<Chosen> choose(const Options& options) {
  ConfigOptions reading;
  reading.boards_dir = options.boards_dir;
  reading.check_files = false;
  PINFER_TRY(const Config config, require_config(options.config, reading));
  PINFER_TRY(Board board, find_board(options.boards_dir, config.board));
  std::vector<std::string> names;
  for (const OutputConfig& output : config.outputs) {
    if (output.name == options.output) return Chosen{output, std::move(board)};
    names.push_back(output.name);
  }
  const auto meant = nearest(options.output, names);
  return fail(ErrorCode::invalid_argument, "{} has no output '{}'{}", options.config,
              options.output,
              meant ? fmt::format(" (did you mean {}?)", *meant)
                    : fmt::format("; it has {}", fmt::join(names, ", ")));
}

// Somebody who is refused a line mostly has the daemons running.
template <class Report>
Result<Report> with_advice(Result<Report> report) {
  if (!report && report.error().code == ErrorCode::refused)
    report.error().message +=
        "; a running guard holds its outputs: systemctl stop pinferd pinfer-guard";
  return report;
}

std::string describe(const OutputConfig& output) {
  return fmt::format("{}: {}, active {}, safe {}", output.name,
                     output.place.empty() ? "no line" : output.place,
                     output.spec.active_low ? "low" : "high", word(output.spec.safe_active));
}

Json to_json(const Chosen& chosen, const BlinkReport& report, bool good) {
  Json json{{"output", chosen.output.name},
            {"line", chosen.output.place},
            {"ok", good},
            {"interrupted", report.interrupted}};
  json["steps"] = Json::array();
  for (const BlinkStep& step : report.steps) {
    json["steps"].push_back({{"driven", word(step.active)}, {"reads", word(step.reads)}});
    if (step.wire) json["steps"].back()["seen"] = word(*step.wire);
  }
  return json;
}

Result<ExitCode> test(const Options& options, Console& console) {
  PINFER_TRY(const Chosen chosen, choose(options));
  if (!console.json) {
    fmt::print(console.out, "{}\n  blinks {} times\n", describe(chosen.output), options.times);
    console.out.flush();
  }
  PINFER_TRY(const BlinkReport report,
             with_advice(blink(chosen.output.spec, chosen.board, options.read_back,
                               {options.times, seconds(options.on), seconds(options.off)})));
  std::size_t wrong = 0;
  for (const BlinkStep& step : report.steps) wrong += step.good() ? 0 : 1;
  const bool good = wrong == 0 && !report.interrupted;
  if (console.json) {
    print_json(console.out, to_json(chosen, report, good));
    return good ? ExitCode::ok : ExitCode::failed;
  }
  for (const BlinkStep& step : report.steps) {
    if (step.good()) continue;
    fmt::print(console.out, "  driven {}, reads {}{}\n", word(step.active), word(step.reads),
               step.wire ? fmt::format(", seen {}", word(*step.wire)) : "");
  }
  fmt::print(console.out, "  {}{} of {} levels read back as driven; now {}, its safe level\n",
             report.interrupted ? "interrupted: " : "", report.steps.size() - wrong,
             report.steps.size(), word(chosen.output.spec.safe_active));
  return good ? ExitCode::ok : ExitCode::failed;
}

std::string verdict(const Chosen& chosen, const ReleaseReport& report) {
  const char* const safe = word(chosen.output.spec.safe_active);
  const char* const other = word(!chosen.output.spec.safe_active);
  if (report.interrupted) return "interrupted";
  if (!report.seen)
    return fmt::format(
        "not measured: nothing reads the line back; was the load {} or {}? "
        "(a wire to another line: --read-back gpio:N)",
        other, safe);
  if (report.stays_safe)
    return fmt::format("safe: {} {:.1f} ms after its owner was killed, and stays so", safe,
                       to_ms(*report.after));
  if (!report.after)
    return fmt::format(
        "NOT SAFE: stays {} when its owner dies; pinfer doctor says how to change it", other);
  return fmt::format(
      "NOT SAFE: changes {} times after its owner has died: fit a resistor that "
      "pulls it {}",
      report.changes, safe);
}

Result<ExitCode> release_test(const Options& options, Console& console) {
  PINFER_TRY(const Chosen chosen, choose(options));
  if (chosen.output.spec.driver.view() == "log")
    return fail(ErrorCode::invalid_argument, "output {}: a log has no line", chosen.output.name);
  if (chosen.output.spec.driver.view() == "gpio" && !options.yes)
    return fail(ErrorCode::refused,
                "release-test switches {} {} and kills the process that holds it; the line may "
                "stay {} for {:g} s: make sure that nothing can move, then add --yes",
                chosen.output.name, word(!chosen.output.spec.safe_active),
                word(!chosen.output.spec.safe_active), options.watch);
  PINFER_TRY(const ReleaseReport report,
             with_advice(release(chosen.output.spec, chosen.board, options.read_back,
                                 seconds(options.watch))));
  const bool good = report.stays_safe && !report.interrupted;
  if (console.json) {
    Json json{{"output", chosen.output.name},
              {"line", chosen.output.place},
              {"ok", good},
              {"measured", report.seen},
              {"seen_at", report.place},
              {"changes", report.changes},
              {"interrupted", report.interrupted}};
    json["safe_after_ms"] = report.after ? Json(to_ms(*report.after)) : Json();
    json["verdict"] = verdict(chosen, report);
    print_json(console.out, json);
    return good ? ExitCode::ok : ExitCode::failed;
  }
  fmt::print(console.out, "{}\n", describe(chosen.output));
  if (report.seen) fmt::print(console.out, "  seen at {}\n", report.place);
  fmt::print(console.out, "  {}\n  now {}, its safe level\n", verdict(chosen, report),
             word(chosen.output.spec.safe_active));
  return good ? ExitCode::ok : ExitCode::failed;
}

// ---- options ----

void declare_output(OptionList& list, Options& options) {
  list.add("output", options.output, "the output of the configuration")
      .required()
      .placeholder("OUTPUT");
  list.add("--config", options.config, "the configuration").placeholder("CONFIG").show_default();
  list.add("--read-back", options.read_back,
           "a line that is wired to it: gpio:27, pin:13, a name, label:offset")
      .placeholder("LINE");
}

Action declare(OptionList& verb) {
  const auto options = std::make_shared<Options>();
  options->boards_dir = find_boards_dir();
  verb.add("--boards", options->boards_dir, "the folder with the board descriptions")
      .show_default();
  OptionList lists = verb.sub_verb("list", "the lines of the header, and who holds them");
  lists.flag("--all", options->all, "all lines of all chips");
  OptionList tests = verb.sub_verb("test", "blink an output; it ends at its safe level");
  declare_output(tests, *options);
  tests.add("--times", options->times, "how often").range(1, 1000);
  tests.add("--on", options->on, "seconds away from the safe level").real_range(0.001, 5.0);
  tests.add("--off", options->off, "seconds at the safe level").real_range(0.001, 60.0);
  OptionList releases = verb.sub_verb(
      "release-test", "kill the process that holds an output, and see what the line does");
  declare_output(releases, *options);
  releases.add("--watch", options->watch, "seconds to watch the line").real_range(0.01, 5.0);
  releases.flag("--yes", options->yes, "the line may stay on: nothing can move");
  return [=](Console& console) -> Result<ExitCode> {
    if (lists.given()) return list(*options, console);
    return tests.given() ? test(*options, console) : release_test(*options, console);
  };
}

}  // namespace

extern const Verb gpio_verb;
const Verb gpio_verb{.name = "gpio",
                     .summary = "list the lines, blink one, see what it does when its owner dies",
                     .examples =
                         "  pinfer gpio list\n"
                         "  pinfer gpio test gate --times 5 --on 0.2\n"
                         "  pinfer gpio release-test gate --read-back gpio:27 --yes\n",
                     .declare = declare};

}  // namespace pinfer
