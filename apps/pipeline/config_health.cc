// SPDX-License-Identifier: Apache-2.0
// camera.health:
#include <filesystem>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

// Cameras have noise and lie; clips, folders and patterns may well be black, or stand still.
bool is_camera(std::string_view source) noexcept {
  for (const std::string_view start : {"/dev/", "v4l2://", "csi://", "rtsp://", "rtsps://",
                                       "http://", "https://", "gst:", "pipe://", "file:///dev/"})
    if (source.starts_with(start)) return true;
  return false;
}

// A fraction between `low` and `high`, both fractions.
void read_part(const ConfigValue& value, float low, float high, float& out) {
  float part = 0.0f;
  if (!value.fraction(part)) return;
  if (part < low || part > high) {
    value.error(fmt::format("must be {:g}% to {:g}%, is {:g}%", 100.0f * low, 100.0f * high,
                            100.0f * part));
    return;
  }
  out = part;
}

}  // namespace

void set_health_defaults(ConfigDraft& draft) {
  if (!is_camera(draft.config.camera.source)) return;
  HealthConfig& health = draft.config.health;
  health.black_below = 0.03f;
  health.overexposed_above = 0.97f;
  health.frozen_after = 2s;
  health.moved_above = 0.6f;
}

void read_health(const ConfigValue& value, ConfigDraft& draft) {
  HealthConfig& health = draft.config.health;
  Section section(value);
  if (const auto v = section.find("black_below")) read_part(*v, 0.0f, 0.5f, health.black_below);
  if (const auto v = section.find("overexposed_above"))
    read_part(*v, 0.5f, 1.0f, health.overexposed_above);
  if (const auto v = section.find("frozen_after")) v->duration({0s, 1h}, health.frozen_after);
  if (const auto v = section.find("moved_above")) read_part(*v, 0.0f, 1.0f, health.moved_above);
  if (const auto v = section.find("reference"); v && v->text(health.reference)) {
    health.reference = from_folder(draft, health.reference);
    std::error_code ignored;
    if (draft.options.check_files && !std::filesystem::exists(health.reference, ignored))
      v->error(fmt::format("there is no file {}", health.reference));
  }
  section.finish();
}

}  // namespace pinfer
