// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/events.h"

#include <fmt/format.h>

#include <cmath>

#include "apps/pipeline/json_text.h"

namespace pinfer {
namespace {

std::string score_name(const EventScore& score) {
  return score.label.empty() ? fmt::format("class {}", score.class_id)
                             : std::string(score.label.view());
}

std::string what(const Event& event) {
  const std::string_view kind = to_string(event.kind);
  switch (event.kind) {
    case EventKind::prediction:
      return fmt::format("{} {}", kind,
                         event.scores.empty() ? "none" : score_name(event.scores[0]));
    case EventKind::withheld:
      return fmt::format("{}: {}, outputs are safe", kind, to_string(event.cause));
    case EventKind::resumed:
      return std::string(kind);
    case EventKind::view:
      return event.active ? "view: the camera has moved" : "view: as it was";
    default:
      break;
  }
  const std::string head =
      fmt::format("{} {} {}", kind, event.output.view(), event.active ? "on" : "off");
  if (event.rule.empty()) return fmt::format("{}: {}", head, to_string(event.cause));
  return fmt::format("{}, rule {}: {}", head, event.rule.view(), event.reason.view());
}

// JSON knows no infinities.
std::string json_number(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

}  // namespace

std::string event_line(const Event& event) {
  std::string line = what(event);
  if (!event.has_frame) return line + " [no frame]";
  line += fmt::format(" [frame {}, age {:.1f} ms", event.sequence, to_ms(event.age()));
  const bool about_image = event.kind == EventKind::withheld || event.kind == EventKind::resumed ||
                           event.kind == EventKind::view;
  if (about_image && event.image.measured)
    line += fmt::format(", brightness {:.3f}, sharpness {:.3f}, change {:.2f}",
                        event.image.brightness, event.image.sharpness, event.image.change);
  std::string_view joint = ": ";
  for (const EventScore& score : event.scores) {
    line += fmt::format("{}{} {:.2f}", joint, score_name(score), score.score);
    joint = ", ";
  }
  return line + "]";
}

std::string event_json(const Event& event) {
  std::string json = fmt::format("{{\"event\":\"{}\"", to_string(event.kind));
  const bool held = event.kind == EventKind::held;
  const bool level = held || event.kind == EventKind::edge || event.kind == EventKind::decision;
  if (event.kind == EventKind::view) json += fmt::format(",\"moved\":{}", event.active);
  if (level)
    json +=
        fmt::format(",\"output\":{},\"active\":{}", json_text(event.output.view()), event.active);
  if (held || event.kind == EventKind::edge || event.kind == EventKind::withheld)
    json += fmt::format(",\"cause\":{}", json_text(to_string(event.cause)));
  if (!event.rule.empty())
    json += fmt::format(",\"rule\":{},\"reason\":{}", json_text(event.rule.view()),
                        json_text(event.reason.view()));
  if (event.lease > Duration::zero()) json += fmt::format(",\"lease_ms\":{:g}", to_ms(event.lease));
  if (!event.model.empty()) json += fmt::format(",\"model\":{}", json_text(event.model.view()));
  if (event.has_frame)
    json += fmt::format(",\"sequence\":{},\"captured_at\":{:.6f},\"age_ms\":{:.3f}", event.sequence,
                        to_ms(event.captured_at.since_boot) / 1000.0, to_ms(event.age()));
  else
    json += ",\"sequence\":null,\"captured_at\":null,\"age_ms\":null";
  json += ",\"scores\":[";
  std::string_view joint;
  for (const EventScore& score : event.scores) {
    json += fmt::format("{}{{\"class\":{},", joint, score.class_id);
    if (!score.label.empty()) json += fmt::format("\"label\":{},", json_text(score.label.view()));
    json += fmt::format("\"score\":{}}}", json_number(static_cast<double>(score.score)));
    joint = ",";
  }
  json += "]";
  if (event.image.measured)
    json +=
        fmt::format(",\"image\":{{\"brightness\":{:.4f},\"sharpness\":{:.4f},\"change\":{:.4f}}}",
                    event.image.brightness, event.image.sharpness, event.image.change);
  return json + "}";
}

}  // namespace pinfer
