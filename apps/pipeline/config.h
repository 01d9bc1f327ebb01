// SPDX-License-Identifier: Apache-2.0
// Config: what the user's YAML file says, as plain values. Equality gives the reload diff.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/guard/client.h"
#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"

namespace pinfer {

struct CameraConfig {
  std::string source;  // "/dev/video0", "file://clip.mp4", "rtsp://...", "csi://0", "pattern:..."
  int width = 0;       // pixels to ask the camera for; 0: the source's own
  int height = 0;
  double fps = 0.0;   // frames a second to ask for; 0: the source's own
  bool loop = false;  // a clip or folder starts again at its end

  friend bool operator==(const CameraConfig&, const CameraConfig&) = default;
};

// What makes a picture unfit to decide anything. Zero or its opposite end switches a check off.
struct HealthConfig {
  float black_below = 0.0f;        // mean brightness 0..1; below it: black
  float overexposed_above = 1.0f;  // mean brightness 0..1; above it: overexposed
  Duration frozen_after{};         // the same picture, bit for bit, this long: frozen
  float moved_above = 0.0f;        // change against the reference view 0..1, over some seconds
  std::string reference;           // a picture of that view; empty: the first pictures

  friend bool operator==(const HealthConfig&, const HealthConfig&) = default;
};

enum class ResizeMode : std::uint8_t { stretch, crop, letterbox };
enum class ColorOrder : std::uint8_t { automatic, rgb, bgr, gray };

// How a picture becomes the input tensor. Empty mean/std: from the model's metadata.
struct ModelInputConfig {
  ResizeMode resize = ResizeMode::stretch;
  ColorOrder color = ColorOrder::automatic;  // automatic: gray for one channel, else rgb
  std::vector<float> mean;                   // one value, or one a channel; in 0..255 units
  std::vector<float> std;

  friend bool operator==(const ModelInputConfig&, const ModelInputConfig&) = default;
};

// How Arm NN runs the model; no devices: the fastest that is there.
struct ArmnnConfig {
  std::vector<std::string> devices = {};  // "GpuAcc", "CpuAcc", "CpuRef", in order
  bool fast_math = false;
  bool fp16 = false;

  friend bool operator==(const ArmnnConfig&, const ArmnnConfig&) = default;
};

struct ModelConfig {
  std::string path;
  std::vector<std::string> labels;  // from the file or list of the config; empty: from the model
  std::string backend = "auto";
  ArmnnConfig armnn;  // with backend "armnn"
  int threads = 0;    // 0: one a core
  std::string isa = "auto";
  ModelInputConfig input;

  friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

struct DecoderConfig {
  std::string type = "auto";       // a name of decoders.inc, or "auto"
  int top_k = 0;                   // keep this many predictions; 0: all that fit
  std::optional<float> min_score;  // drop predictions below; none: keep all
  bool softmax = false;            // classification: the model ends in logits

  friend bool operator==(const DecoderConfig&, const DecoderConfig&) = default;
};

// One output with its line already found on the board.
struct OutputConfig {
  std::string name;
  LineSpec spec;      // what the guard opens, with its limits and interlocks
  Duration ttl{};     // how long an "on" lives without a renewal
  std::string place;  // the line for people: "GPIO17 (header pin 11)"

  friend bool operator==(const OutputConfig&, const OutputConfig&) = default;
};

// A point in fractions of the camera picture, x to the right, y down.
struct Point {
  float x = 0.0f;
  float y = 0.0f;

  friend bool operator==(const Point&, const Point&) = default;
};

struct ZoneConfig {
  std::string name;
  std::vector<Point> polygon;  // at least three corners

  friend bool operator==(const ZoneConfig&, const ZoneConfig&) = default;
};

enum class ConditionKind : std::uint8_t { match, all, any, negate };
enum class BoxAnchor : std::uint8_t {
  center,
  bottom
};  // the point of a box that must be in a zone

// A tree of conditions. `match` counts predictions; the others combine their children.
struct Condition {
  ConditionKind kind = ConditionKind::match;
  std::vector<std::string> labels;    // match: any of these labels or classes; both empty: all
  std::vector<std::int32_t> classes;  // match: class numbers, for models without labels
  float threshold_high = 0.5f;        // match: a score that switches on
  float threshold_low = 0.5f;         // match: a score that keeps on, <= threshold_high
  std::string zone;                   // match: only boxes in this zone; empty: anywhere
  BoxAnchor anchor = BoxAnchor::center;
  int min_count = 1;  // match: at least so many predictions
  int seen = 1;       // any kind: true in `seen` of the last `of` frames
  int of = 1;
  std::vector<Condition> children;

  friend bool operator==(const Condition&, const Condition&) = default;
};

struct RuleConfig {
  std::string name;
  std::string output;
  Condition when;
  Duration delayed_on{};   // `when` must hold this long before the output goes on
  Duration delayed_off{};  // ... and be false this long before it goes off
  Duration min_hold{};     // once on, on at least this long
  Duration max_hold{};     // once on, on at most this long; 0: no limit
  Duration pulse{};        // each rise of `when` gives one pulse of this length; 0: level

  friend bool operator==(const RuleConfig&, const RuleConfig&) = default;
};

struct GuardConfig {
  std::string socket = "/run/pinfer/guard.sock";
  Duration ttl = std::chrono::milliseconds(500);   // default of every output
  std::optional<OutputSpec> estop = std::nullopt;  // an input: active means stop

  friend bool operator==(const GuardConfig&, const GuardConfig&) = default;
};

enum class LogLevel : std::uint8_t { error, warning, info, debug };
enum class LogFormat : std::uint8_t { human, json };

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::human;

  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

// Why lines moved, kept on disk.
struct JournalConfig {
  bool enabled = true;
  std::string path;  // empty: the service's own place ($STATE_DIRECTORY); outside a service none
  std::uint64_t max_bytes = 64u << 20;
  bool pictures = false;  // keep the picture that moved a line, as a JPEG

  friend bool operator==(const JournalConfig&, const JournalConfig&) = default;
};

struct Config {
  std::string board;       // the file name of the board found or asked for: "raspberry-pi-5"
  std::string board_name;  // "Raspberry Pi 5"
  CameraConfig camera;
  HealthConfig health;  // `camera.health`; apart, for it does not open the camera anew
  ModelConfig model;
  DecoderConfig decoder;
  std::vector<OutputConfig> outputs;
  std::vector<ZoneConfig> zones;
  std::vector<RuleConfig> rules;
  Duration frame_max_age = std::chrono::seconds(1);  // an older frame decides nothing
  GuardConfig guard;
  LogConfig log;
  JournalConfig journal;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace pinfer
