// SPDX-License-Identifier: Apache-2.0
// pinfer guard: what the guard holds, and the commands of a person to it.
#include <fmt/ostream.h>

#include <memory>

#include "apps/guard/client.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"

namespace pinfer {
namespace {

struct Options {
  std::string socket{kGuardSocket};
  std::string action, output, level;
  Duration time{};
};

std::string seconds_text(Duration time) { return fmt::format("{:.1f} s", to_ms(time) / 1000.0); }

std::string client_text(const LineReport& line) {
  return std::string(line.client.view()) + (line.owned ? "" : " (gone)");
}

std::string estop_text(const GuardReport& guard, MonotonicTime now) {
  const std::string_view line = !guard.has_estop_line ? ""
                                : guard.estop_pressed ? "; the e-stop line is pressed"
                                                      : "; the e-stop line is released";
  if (!guard.estop_latched) return fmt::format("not latched{}", line);
  return fmt::format("LATCHED for {}{}: `pinfer guard reset` when it is safe",
                     seconds_text(now - guard.estop_since), line);
}

void print_text(std::ostream& out, const GuardStatus& status, MonotonicTime now) {
  fmt::print(out, "e-stop {}\n\n", estop_text(status.guard, now));
  Table table({"output", "level", "cause", "since", "until", "edges", "client"},
              {false, false, false, true, true, true, false});
  for (const LineReport& line : status.lines)
    table.add({std::string(line.name.view()), line.active ? "on" : "off",
               std::string(to_string(line.cause)), seconds_text(now - line.since),
               line.until > now ? "in " + seconds_text(line.until - now) : "-",
               std::to_string(line.edges), client_text(line)});
  table.print(out);
}

Json to_json(const GuardStatus& status, MonotonicTime now) {
  Json lines = Json::array();
  for (const LineReport& line : status.lines) {
    Json json{{"name", line.name.view()},
              {"active", line.active},
              {"safe", line.active == line.safe_active},
              {"cause", to_string(line.cause)},
              {"for_seconds", to_ms(now - line.since) / 1000.0},
              {"edges", line.edges},
              {"client", line.client.view()},
              {"client_connected", line.owned}};
    if (line.until > now) json["until_seconds"] = to_ms(line.until - now) / 1000.0;
    lines.push_back(json);
  }
  return {{"estop",
           {{"latched", status.guard.estop_latched},
            {"line", status.guard.has_estop_line},
            {"pressed", status.guard.estop_pressed}}},
          {"outputs", lines}};
}

Result<void> command(GuardClient& guard, const Options& options) {
  if (options.action == "estop") return guard.estop();
  if (options.action == "reset") return guard.reset();
  if (options.level == "end") return guard.end_override(options.output);
  return guard.override_output(options.output, options.level == "on", options.time);
}

Result<void> check_words(const Options& options) {
  const bool is_override = options.action == "override";
  if (is_override != !options.output.empty() || is_override != !options.level.empty())
    return fail(ErrorCode::invalid_argument, "{}",
                is_override ? "write `pinfer guard override OUTPUT on|off --for 10s`, or `... end`"
                            : fmt::format("`pinfer guard {}` takes no output", options.action));
  const bool needs_time = is_override && options.level != "end";
  if (needs_time != (options.time > Duration::zero()))
    return fail(ErrorCode::invalid_argument, "{}",
                needs_time ? "an override ends by itself: say when, with --for 10s"
                           : "--for belongs to an override on or off");
  return {};
}

Result<ExitCode> run(const Options& options, Console& console) {
  PINFER_CHECK(check_words(options));
  PINFER_TRY(GuardClient guard, GuardClient::connect(options.socket, "pinfer"));
  if (options.action != "status") PINFER_CHECK(command(guard, options));
  PINFER_TRY(const GuardStatus status, guard.status());
  const MonotonicTime now = MonotonicTime::now();
  if (console.json)
    print_json(console.out, to_json(status, now));
  else
    print_text(console.out, status, now);
  return ExitCode::ok;
}

Action declare(OptionList& list) {
  const auto options = std::make_shared<Options>();
  list.add("action", options->action, "status, estop, reset or override")
      .required()
      .one_of({"status", "estop", "reset", "override"})
      .placeholder("status|estop|reset|override");
  list.add("output", options->output, "override: which output").placeholder("[OUTPUT]");
  list.add("level", options->level, "override: on, off, or end")
      .one_of({"on", "off", "end"})
      .placeholder("[on|off|end]");
  list.add("--for", options->time, "override: for how long, at most 1h").placeholder("TIME");
  list.add("--socket", options->socket, "where the guard listens")
      .show_default()
      .placeholder("PATH");
  return [options](Console& console) { return run(*options, console); };
}

}  // namespace

extern const Verb guard_verb;
const Verb guard_verb{
    .name = "guard",
    .summary = "show the guard's lines, stop them, reset, command one by hand",
    .examples =
        "  pinfer guard status\n"
        "  pinfer guard estop                     every line goes safe and stays so\n"
        "  pinfer guard reset                     lines may move again; none starts\n"
        "  pinfer guard override gate on --for 10s\n"
        "  pinfer guard override gate end\n",
    .declare = declare};

}  // namespace pinfer
