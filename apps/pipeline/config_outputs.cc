// SPDX-License-Identifier: Apache-2.0
// board: and outputs:
#include <algorithm>
#include <array>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxOutputs = 32;  // what one client of the guard may hold
constexpr int kMaxGpio = 4095;

constexpr std::array<std::string_view, 4> kDrivers = {"gpio", "pwm", "memory", "log"};
constexpr std::array<std::string_view, 3> kLineKeys = {"gpio", "pin", "line"};
constexpr std::array<Choice<bool>, 2> kActive = {{{"high", false}, {"low", true}}};
constexpr std::array<Choice<bool>, 2> kSafe = {{{"off", false}, {"on", true}}};
constexpr std::array<Choice<Bias>, 4> kBias = {{{"none", Bias::disabled},
                                                {"up", Bias::pull_up},
                                                {"down", Bias::pull_down},
                                                {"as_is", Bias::as_is}}};

// line: PAC.06, or line: {chip: pinctrl-rp1, offset: 17}
bool read_line(const ConfigValue& value, LineRequest& request) {
  if (value.is_scalar()) return value.text(request.name.emplace());
  Section section(value);
  const auto chip = section.require("chip");
  const auto offset = section.require("offset");
  section.finish();
  std::int64_t number = 0;
  const bool good =
      chip && offset && chip->text(request.chip) && offset->integer({0, kMaxGpio}, number);
  if (good && request.chip.starts_with("gpiochip")) {
    chip->error(
        fmt::format("'{}' is a number that changes from boot to boot; give the label that "
                    "gpiodetect prints, such as pinctrl-rp1",
                    request.chip));
    return false;
  }
  if (good && request.chip.size() > decltype(OutputSpec::chip)::capacity()) {
    return chip->mismatch("a label of at most 127 characters");
  }
  request.offset = static_cast<std::uint32_t>(number);
  return good;
}

}  // namespace

void place_line(const ConfigValue& value, LineRequest request, const ConfigDraft& draft,
                OutputConfig& output) {
  const std::string_view path = value.path();
  const std::string_view key = path.substr(path.rfind('.') + 1);
  const bool good = key == "gpio"  ? value.integer({0, kMaxGpio}, request.gpio.emplace())
                    : key == "pin" ? value.integer({1, kMaxGpio}, request.pin.emplace())
                                   : read_line(value, request);
  if (!good || !draft.board_known) return;
  const auto line = find_line(draft.board, request);
  if (!line) {
    value.error(line.error().message);
    return;
  }
  output.spec.offset = line->offset;
  output.place = line->place;
  if (!output.spec.chip.assign(line->chip)) value.error("the label of the chip is too long");
}

namespace {

// servo: {off: 1ms, on: 2ms, period: 20ms}
void read_servo(const ConfigValue& value, PwmShape& pwm) {
  Duration period = 20ms, off{}, on{};
  Section section(value);
  if (const auto v = section.find("period")) v->duration({1ms, 1s}, period);
  const auto off_value = section.require("off");
  const auto on_value = section.require("on");
  section.finish();
  const Range<Duration> pulse = {1us, period};
  if (!off_value || !on_value || !off_value->duration(pulse, off) || !on_value->duration(pulse, on))
    return;
  if (on == off) on_value->error("must differ from off");
  pwm = {static_cast<std::uint32_t>(period.count()), static_cast<std::uint32_t>(off.count()),
         static_cast<std::uint32_t>(on.count())};
}

// dimmer: {on: 80%, off: 0%, frequency: 1000}
void read_dimmer(const ConfigValue& value, PwmShape& pwm) {
  double frequency = 1000.0;
  float off = 0.0f, on = 1.0f;
  Section section(value);
  if (const auto v = section.find("frequency")) v->number({1.0, 100'000.0}, frequency);
  if (const auto v = section.find("off")) v->fraction(off);
  const auto on_value = section.find("on");
  if (on_value) on_value->fraction(on);
  section.finish();
  if (on == off) (on_value ? *on_value : value).error("on must differ from off");
  const double period = 1e9 / frequency;
  const auto part = [period](float share) {
    return static_cast<std::uint32_t>(period * static_cast<double>(share));
  };
  pwm = {static_cast<std::uint32_t>(period), part(off), part(on)};
}

void read_pwm(Section& section, const std::string& driver, const std::optional<ConfigValue>& line,
              OutputConfig& output) {
  constexpr std::array<std::string_view, 2> kForms = {"servo", "dimmer"};
  const auto form = section.find_one(kForms, driver == "pwm");
  if (form && driver != "pwm") form->error_at_key("is for outputs with driver: pwm");
  if (driver == "pwm" && line && !line->is_map())
    line->error_at_key(
        "a pwm output needs line: {chip: device, offset: channel}, such as chip: "
        "1f00098000.pwm");
  if (!form) return;
  if (form->path().ends_with("servo"))
    read_servo(*form, output.spec.pwm);
  else
    read_dimmer(*form, output.spec.pwm);
}

void read_output(const std::string& name, const ConfigValue& value, ConfigDraft& draft) {
  OutputConfig output;
  output.name = name;
  Section section(value);
  std::string driver = draft.board.driver;
  if (const auto v = section.find("driver")) v->word(kDrivers, driver);
  if (const auto v = section.find("active")) {
    v->choice(kActive, output.spec.active_low);
  }
  if (const auto v = section.find("safe")) v->choice(kSafe, output.spec.safe_active);
  if (const auto v = section.find("bias")) v->choice(kBias, output.spec.bias);
  if (const auto v = section.find("ttl")) v->duration({50ms, 10s}, output.ttl);
  LineRequest request;
  if (const auto v = section.find("allow_reserved")) v->boolean(request.allow_reserved);
  // a log has no line of its own, so it needs none
  const auto line = section.find_one(kLineKeys, driver != "log");
  read_pwm(section, driver, line, output);
  if (line && (driver != "pwm" || line->is_map())) place_line(*line, request, draft, output);
  read_limits(section, output.spec);
  section.finish();
  const bool fits = output.spec.name.assign(name) && output.spec.driver.assign(driver);
  if (!fits) value.error_at_key("the name is too long");  // never: name() has checked it
  draft.output_places.push_back({name, value, line});
  draft.config.outputs.push_back(std::move(output));
}

std::optional<std::string> board_id(const std::optional<ConfigValue>& value,
                                    const ConfigDraft& draft) {
  std::string id("auto");
  if (value && !value->text(id)) return std::nullopt;
  if (id != "auto") return id;
  auto found = detect_board(draft.options.boards_dir, draft.options.device_tree);
  if (found) return *std::move(found);
  if (value) value->error(found.error().message);
  return std::nullopt;
}

}  // namespace

void read_board(const std::optional<ConfigValue>& value, const ConfigValue& root,
                ConfigDraft& draft) {
  const auto id = board_id(value, draft);
  if (!id) return;
  auto board = find_board(draft.options.boards_dir, *id);
  if (!board) {
    (value ? *value : root).error(board.error().message);
    return;
  }
  draft.board = *std::move(board);
  draft.board_known = true;
  draft.config.board = draft.board.id;
  draft.config.board_name = draft.board.name;
}

void read_outputs(const ConfigValue& value, ConfigDraft& draft) {
  Section section(value);
  const auto entries = section.named_entries();
  draft.outputs_complete = section && entries.size() == value.node().entries.size();
  for (const auto& [name, entry] : entries) {
    if (draft.config.outputs.size() == kMaxOutputs) {
      entry.error_at_key(fmt::format("more than {} outputs", kMaxOutputs));
      return;
    }
    read_output(name, entry, draft);
  }
}

}  // namespace pinfer
