// SPDX-License-Identifier: Apache-2.0
// What the guard enforces: the limits of an output, interlocks:, guard.estop.
#include <algorithm>
#include <array>
#include <charconv>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr Range<Duration> kTimes = {1ms, kMaxLimit};
constexpr std::array<std::string_view, 2> kInputDrivers = {"gpio", "memory"};
constexpr std::array<std::string_view, 3> kLineKeys = {"gpio", "pin", "line"};
constexpr std::array<Choice<bool>, 2> kActive = {{{"high", false}, {"low", true}}};
constexpr std::array<Choice<Bias>, 4> kBias = {{{"none", Bias::disabled},
                                                {"up", Bias::pull_up},
                                                {"down", Bias::pull_down},
                                                {"as_is", Bias::as_is}}};

// The two sides of "20% of 10min" or "12 per 1min".
std::optional<std::pair<std::string, std::string>> split(const ConfigValue& value,
                                                         std::string_view joint,
                                                         std::string_view wanted) {
  if (!value.is_scalar()) {
    value.mismatch(wanted);
    return std::nullopt;
  }
  std::string text;
  if (!value.text(text)) return std::nullopt;
  const std::size_t at = text.find(joint);
  if (at == std::string::npos) {
    value.mismatch(wanted);
    return std::nullopt;
  }
  return std::pair(text.substr(0, at), text.substr(at + joint.size()));
}

// max_duty: 20% of 10min
void read_duty(const ConfigValue& value, LineLimits& limits) {
  constexpr std::string_view kWanted = "a share of a time, as in '20% of 10min'";
  const auto sides = split(value, " of ", kWanted);
  if (!sides) return;
  const auto& [share_text, window_text] = *sides;
  double percent = 0.0;
  const char* const end = share_text.data() + share_text.size();
  const auto [rest, error] = std::from_chars(share_text.data(), end, percent);
  const auto window = parse_duration(window_text);
  if (error != std::errc{} || std::string_view(rest, end) != "%" || !window) {
    value.mismatch(kWanted);
    return;
  }
  if (!(percent > 0.0 && percent < 100.0) || *window < 1s || *window > kMaxLimit) {
    value.error("must be more than 0% and less than 100% of 1s to 24h");
    return;
  }
  const auto on = std::chrono::duration_cast<Duration>(*window * (percent / 100.0));
  if (on < 1ms) {
    value.error("must allow at least 1ms");
    return;
  }
  limits.duty_on = on;
  limits.duty_window = *window;
}

// max_edges: 12 per 1min
void read_edges(const ConfigValue& value, LineLimits& limits) {
  constexpr std::string_view kWanted = "a number of level changes in a time, as in '12 per 1min'";
  const auto sides = split(value, " per ", kWanted);
  if (!sides) return;
  const auto& [count_text, window_text] = *sides;
  std::uint32_t count = 0;
  const char* const end = count_text.data() + count_text.size();
  const auto [rest, error] = std::from_chars(count_text.data(), end, count);
  const auto window = parse_duration(window_text);
  if (error != std::errc{} || rest != end || !window) {
    value.mismatch(kWanted);
    return;
  }
  if (count < 2 || count > kMaxEdges || *window < 1ms || *window > kMaxLimit) {
    value.error(fmt::format("must be 2 to {} level changes per 1ms to 24h", kMaxEdges));
    return;
  }
  limits.max_edges = count;
  limits.edge_window = *window;
}

// Each limit with those it depends on; the guard would refuse them without a place.
void check_limits(Section& section, const LineLimits& limits) {
  const auto min_on = section.find("min_on");
  if (const auto v = section.find("cool_down"); v && limits.max_on == Duration::zero())
    v->error_at_key("cool_down needs max_on beside it");
  if (min_on && limits.max_on != Duration::zero() && limits.min_on > limits.max_on)
    min_on->error(
        fmt::format("must not be above max_on, which is {}", duration_text(limits.max_on)));
  else if (min_on && limits.duty_on != Duration::zero() && limits.min_on > limits.duty_on)
    min_on->error(fmt::format("must not be above the {} that max_duty allows",
                              duration_text(limits.duty_on)));
}

}  // namespace

void read_limits(Section& section, LineSpec& spec) {
  LineLimits& limits = spec.limits;
  constexpr std::array<std::string_view, 6> kKeys = {"min_on",    "min_off",  "max_on",
                                                     "cool_down", "max_duty", "max_edges"};
  for (const std::string_view key : kKeys) {
    const auto v = section.find(key);
    if (v && spec.safe_active)
      v->error_at_key(fmt::format("{} is for outputs with safe: off", key));
  }
  if (const auto v = section.find("min_on")) v->duration(kTimes, limits.min_on);
  if (const auto v = section.find("min_off")) v->duration(kTimes, limits.min_off);
  if (const auto v = section.find("max_on")) v->duration(kTimes, limits.max_on);
  if (const auto v = section.find("cool_down")) v->duration(kTimes, limits.cool_down);
  if (const auto v = section.find("max_duty")) read_duty(*v, limits);
  if (const auto v = section.find("max_edges")) read_edges(*v, limits);
  check_limits(section, limits);
}

namespace {

// One output of a group: its bit, and the longest dead time of its groups.
void join_group(const ConfigValue& value, std::uint32_t group, Duration dead_time,
                ConfigDraft& draft) {
  std::string name;
  if (!value.text(name)) return;
  auto& outputs = draft.config.outputs;
  const auto output = std::find_if(outputs.begin(), outputs.end(),
                                   [&name](const auto& o) { return o.name == name; });
  if (output == outputs.end()) {
    std::vector<std::string> names;
    for (const auto& place : draft.output_places) names.push_back(place.name);
    if (draft.outputs_complete)
      value.error(fmt::format("there is no output '{}'{}", name, mean_one_of(name, names)));
    return;
  }
  LineLimits& limits = output->spec.limits;
  const std::uint32_t bit = std::uint32_t{1} << group;
  if (output->spec.safe_active)
    value.error(
        fmt::format("the output '{}' is safe when on; an interlock keeps outputs off", name));
  else if ((limits.interlocks & bit) != 0)
    value.error(fmt::format("the output '{}' is in this group already", name));
  limits.interlocks |= bit;
  limits.dead_time = std::max(limits.dead_time, dead_time);
}

}  // namespace

// interlocks: {hoist: [up, down]}, or {hoist: {outputs: [up, down], dead_time: 500ms}}
void read_interlocks(const ConfigValue& value, ConfigDraft& draft) {
  Section groups(value);
  std::uint32_t group = 0;
  for (const auto& [name, entry] : groups.named_entries()) {
    if (group == kMaxInterlocks) {
      entry.error_at_key(fmt::format("more than {} interlocks", kMaxInterlocks));
      return;
    }
    Duration dead_time{};
    std::optional<ConfigValue> outputs = entry;
    if (entry.is_map()) {
      Section section(entry);
      outputs = section.require("outputs");
      if (const auto v = section.find("dead_time")) v->duration(kTimes, dead_time);
      section.finish();
    }
    if (outputs && (!outputs->is_sequence() || outputs->items().size() < 2))
      outputs->mismatch("a list of two or more outputs");
    else if (outputs)
      for (const ConfigValue& item : outputs->items()) join_group(item, group, dead_time, draft);
    ++group;
  }
}

// A contact that opens when pressed, against a pull-up: a cut wire counts as pressed.
void read_estop(const ConfigValue& value, ConfigDraft& draft) {
  OutputConfig input;
  input.spec.bias = Bias::pull_up;
  Section section(value);
  std::string driver = draft.board.driver;
  if (const auto v = section.find("driver")) v->word(kInputDrivers, driver);
  if (const auto v = section.find("active")) v->choice(kActive, input.spec.active_low);
  if (const auto v = section.find("bias")) v->choice(kBias, input.spec.bias);
  LineRequest request;
  if (const auto v = section.find("allow_reserved")) v->boolean(request.allow_reserved);
  const auto line = section.find_one(kLineKeys, true);
  if (line) place_line(*line, request, draft, input);
  section.finish();
  if (!input.spec.name.assign("estop") || !input.spec.driver.assign(driver) || !line) return;
  draft.estop_line = line;
  draft.config.guard.estop = static_cast<const OutputSpec&>(input.spec);
  for (std::size_t i = 0; i < draft.config.outputs.size(); ++i)
    if (draft.config.outputs[i].spec.same_line(*draft.config.guard.estop))
      line->error(fmt::format("{} is already the line of outputs.{} (line {})", input.place,
                              draft.config.outputs[i].name,
                              draft.output_places[i].output.place().line));
}

}  // namespace pinfer
