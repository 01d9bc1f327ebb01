// SPDX-License-Identifier: Apache-2.0
// camera:, model:, decoder:, guard:, log:
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "apps/pipeline/config_parts.h"
#include "apps/pipeline/decoders/decoder.h"
#include "apps/pipeline/labels.h"
#include "apps/pipeline/prediction.h"
#include "drivers/camera/address.h"
#include "runtime/core/suggest.h"
#include "runtime/cpu/isa.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kMaxSide = 16384;
constexpr double kMaxFps = 1000.0;
constexpr int kMaxThreads = 64;
constexpr std::size_t kMaxChannels = 4;

// Those that want "//" behind their colon; only to guess what was meant without it.
constexpr std::array<std::string_view, 8> kSchemes = {"file",  "v4l2", "csi",   "rtsp",
                                                      "rtsps", "http", "https", "pipe"};

constexpr std::array<Choice<ResizeMode>, 3> kResize = {{{"stretch", ResizeMode::stretch},
                                                        {"crop", ResizeMode::crop},
                                                        {"letterbox", ResizeMode::letterbox}}};
constexpr std::array<Choice<ColorOrder>, 4> kColor = {{{"auto", ColorOrder::automatic},
                                                       {"rgb", ColorOrder::rgb},
                                                       {"bgr", ColorOrder::bgr},
                                                       {"gray", ColorOrder::gray}}};
constexpr std::array<Choice<LogLevel>, 4> kLevels = {{{"error", LogLevel::error},
                                                      {"warning", LogLevel::warning},
                                                      {"info", LogLevel::info},
                                                      {"debug", LogLevel::debug}}};
constexpr std::array<Choice<LogFormat>, 2> kFormats = {
    {{"human", LogFormat::human}, {"json", LogFormat::json}}};

std::vector<std::string_view> decoder_types() {
  std::vector<std::string_view> types = {"auto"};
  for (const Decoder* decoder : decoders()) types.push_back(decoder->name);
  return types;
}

// "v4l2" of "v4l2:///dev/video0"; "" of a plain path.
std::string_view scheme_of(std::string_view source) {
  const std::size_t colon = source.find(':');
  if (colon == std::string_view::npos || source.find('/') < colon) return {};
  return source.substr(0, colon);
}

// One word in place of the map. "source /dev/video0" is none: a colon is missing there.
bool is_short_form(const ConfigValue& value) {
  return value.is_scalar() &&
         (value.node().quoted || value.node().text.find(' ') == std::string::npos);
}

void check_exists(const ConfigValue& value, const std::string& path, const ConfigDraft& draft) {
  std::error_code ignored;
  if (draft.options.check_files && !fs::exists(path, ignored)) {
    value.error(fmt::format("there is no file {}", path));
  }
}

// Reports an address that the camera drivers do not take.
void check_address(const ConfigValue& value, const std::string& address) {
  if (const auto parsed = parse_source(address); !parsed) value.error(parsed.error().message);
}

void read_source(const ConfigValue& value, ConfigDraft& draft) {
  constexpr std::string_view kFile = "file://";
  std::string text;
  if (!value.text(text)) return;
  const std::string_view scheme = scheme_of(text);
  const bool is_file = scheme.empty() || text.starts_with(kFile);
  const bool is_number = std::all_of(text.begin(), text.end(), ::isdigit);
  if (is_file && !is_number) {
    const std::string path = scheme.empty() ? text : text.substr(kFile.size());
    text = (scheme.empty() ? "" : std::string(kFile)) + from_folder(draft, path);
    if (draft.options.check_files) check_address(value, text);
  } else if (is_number || scheme == "pattern" || scheme == "gst" ||
             text.find("://") != std::string::npos) {
    check_address(value, text);
  } else {
    const auto guess = nearest(scheme, kSchemes);
    value.error(fmt::format("{}: is no kind of camera address{}", scheme,
                            guess ? fmt::format(" (did you mean {}://?)", *guess) : ""));
  }
  draft.config.camera.source = text;
}

void read_channels(const ConfigValue& value, Range<double> range, std::vector<float>& out) {
  const std::vector<ConfigValue> items = value.items();
  if (items.empty() || items.size() > kMaxChannels) {
    value.mismatch(fmt::format("one number, or one for each of up to {} channels", kMaxChannels));
    return;
  }
  std::vector<float> numbers;
  for (const ConfigValue& item : items) {
    float number = 0.0f;
    if (item.number(range, number)) numbers.push_back(number);
  }
  if (numbers.size() == items.size()) out = numbers;
}

void read_input(const ConfigValue& value, ModelInputConfig& input) {
  Section section(value);
  if (const auto v = section.find("resize")) v->choice(kResize, input.resize);
  if (const auto v = section.find("color")) v->choice(kColor, input.color);
  const auto mean = section.find("mean");
  if (mean) read_channels(*mean, {-1e6, 1e6}, input.mean);
  const auto std_dev = section.find("std");
  if (std_dev) read_channels(*std_dev, {1e-6, 1e6}, input.std);
  if (mean && !std_dev)
    mean->error_at_key("mean needs std beside it: value = (pixel - mean) / std");
  if (std_dev && !mean) {
    std_dev->error_at_key("std needs mean beside it: value = (pixel - mean) / std");
  }
  section.finish();
}

void read_labels(const ConfigValue& value, ConfigDraft& draft) {
  std::vector<std::string> labels;
  if (value.is_sequence()) {
    for (const ConfigValue& item : value.items()) {
      if (!item.text(labels.emplace_back())) return;
    }
    if (labels.empty()) value.mismatch("a file with one label a line, or a list of labels");
  } else {
    std::string path;
    if (value.is_map()) {
      value.mismatch("a file with one label a line, or a list of labels");
      return;
    }
    if (!value.text(path)) return;
    auto loaded = load_labels(from_folder(draft, path));
    if (!loaded) {
      if (draft.options.check_files) value.error(loaded.error().message);
      return;
    }
    labels = *std::move(loaded);
  }
  draft.config.model.labels = labels;
}

}  // namespace

void read_camera(const ConfigValue& value, ConfigDraft& draft) {
  CameraConfig& camera = draft.config.camera;
  if (is_short_form(value)) {  // camera: /dev/video0
    read_source(value, draft);
    set_health_defaults(draft);
    return;
  }
  Section section(value);
  if (const auto v = section.require("source")) read_source(*v, draft);
  set_health_defaults(draft);
  if (const auto v = section.find("width")) v->integer({16, kMaxSide}, camera.width);
  if (const auto v = section.find("height")) v->integer({16, kMaxSide}, camera.height);
  if (const auto v = section.find("fps")) v->number({0.01, kMaxFps}, camera.fps);
  if (const auto v = section.find("loop")) v->boolean(camera.loop);
  if (const auto v = section.find("health")) read_health(*v, draft);
  section.finish();
}

void read_model(const ConfigValue& value, ConfigDraft& draft) {
  ModelConfig& model = draft.config.model;
  const auto read_path = [&](const ConfigValue& v) {
    if (!v.text(model.path)) return;
    model.path = from_folder(draft, model.path);
    check_exists(v, model.path, draft);
  };
  if (is_short_form(value)) {  // model: digits.tflite
    read_path(value);
    return;
  }
  Section section(value);
  if (const auto v = section.require("path")) read_path(*v);
  if (const auto v = section.find("labels")) read_labels(*v, draft);
  read_backend(section, model);
  if (const auto v = section.find("threads")) v->integer({1, kMaxThreads}, model.threads);
  if (const auto v = section.find("isa"); v && v->text(model.isa)) {
    if (const auto known = cap_isa(isa::scalar, model.isa); !known) v->error(known.error().message);
  }
  if (const auto v = section.find("input")) read_input(*v, model.input);
  section.finish();
}

void read_decoder(const ConfigValue& value, ConfigDraft& draft) {
  DecoderConfig& decoder = draft.config.decoder;
  if (value.is_scalar()) {  // decoder: ssd
    value.word(decoder_types(), decoder.type);
    return;
  }
  Section section(value);
  if (const auto v = section.find("type")) v->word(decoder_types(), decoder.type);
  if (const auto v = section.find("top_k")) v->integer({1, kMaxPredictions}, decoder.top_k);
  if (const auto v = section.find("min_score")) {
    float score = 0.0f;
    const bool raw = decoder.type == "raw";
    if (raw ? v->number({-1e9, 1e9}, score) : v->fraction(score)) decoder.min_score = score;
  }
  if (const auto v = section.find("softmax")) {
    v->boolean(decoder.softmax);
    if (decoder.softmax && decoder.type != "classification") {
      v->error("softmax needs type: classification beside it");
    }
  }
  section.finish();
}

void read_guard(const ConfigValue& value, ConfigDraft& draft) {
  Section section(value);
  if (const auto v = section.find("socket"); v && v->text(draft.config.guard.socket)) {
    const std::string& socket = draft.config.guard.socket;
    // sockaddr_un holds 107 characters
    if (!socket.starts_with('/') || socket.size() > 107) {
      v->mismatch("an absolute path of at most 107 characters");
    }
  }
  if (const auto v = section.find("ttl")) v->duration({50ms, 10s}, draft.config.guard.ttl);
  if (const auto v = section.find("estop")) read_estop(*v, draft);
  section.finish();
}

void read_log(const ConfigValue& value, ConfigDraft& draft) {
  Section section(value);
  if (const auto v = section.find("level")) v->choice(kLevels, draft.config.log.level);
  if (const auto v = section.find("format")) {
    v->choice(kFormats, draft.config.log.format);
  }
  section.finish();
}

std::string from_folder(const ConfigDraft& draft, const std::string& path) {
  return (fs::path(draft.folder) / path).lexically_normal().string();
}

std::string mean_one_of(std::string_view word, const std::vector<std::string>& known) {
  if (const auto guess = nearest(word, known)) return fmt::format(" (did you mean {}?)", *guess);
  constexpr std::size_t kShown = 12;  // a longer list is no help
  return known.empty() || known.size() > kShown
             ? ""
             : fmt::format("; known are {}", fmt::join(known, ", "));
}

}  // namespace pinfer
