// SPDX-License-Identifier: Apache-2.0
// Cause: why a line has the level it has. One name for log, metrics and `pinfer why`.
#pragma once

#include <cstdint>
#include <string_view>

namespace pinfer {

// The numbers are part of the guard's protocol: append, never reorder.
enum class Cause : std::uint8_t {
  start,     // nobody has asked for anything yet: the safe level
  decision,  // a live lease; with `override_` and `min_on` all that takes a line from safe
  // Causes of the safe level that the guard finds itself.
  lease_expired,
  client_gone,
  bad_message,
  service_stop,  // also given by a client that stops in order
  line_fault,
  interlock,
  max_on,
  estop,
  // Causes of the safe level that a client gives with a release.
  released,
  stale_frame,
  frozen,
  black,
  camera_lost,
  deadline_missed,
  model_fault,
  no_valid_model,
  bad_config,
  // Causes that the guard finds itself, continued.
  min_on,   // away from the safe level longer than asked for
  min_off,  // at the safe level longer than asked for, as with the next two
  duty_limit,
  rate_limit,
  override_,  // a person has commanded the level
  // A cause that the client gives, continued.
  overexposed,
};
inline constexpr std::uint8_t kCauseCount = 25;

// True for the causes that a client may give when it releases a line.
constexpr bool is_client_cause(Cause cause) noexcept {
  return (cause >= Cause::released && cause <= Cause::bad_config) || cause == Cause::overexposed ||
         cause == Cause::service_stop;
}

// True when the guard keeps a line from the level that is wanted, for a reason of its own.
constexpr bool is_limit(Cause cause) noexcept {
  return (cause >= Cause::line_fault && cause <= Cause::estop) ||
         (cause >= Cause::min_on && cause <= Cause::rate_limit);
}

constexpr std::string_view to_string(Cause cause) noexcept {
  switch (cause) {
    case Cause::start:
      return "start";
    case Cause::decision:
      return "decision";
    case Cause::lease_expired:
      return "lease expired";
    case Cause::client_gone:
      return "client gone";
    case Cause::bad_message:
      return "bad message";
    case Cause::service_stop:
      return "service stop";
    case Cause::line_fault:
      return "line fault";
    case Cause::interlock:
      return "interlock";
    case Cause::max_on:
      return "max_on";
    case Cause::estop:
      return "e-stop";
    case Cause::released:
      return "released";
    case Cause::stale_frame:
      return "stale frame";
    case Cause::frozen:
      return "frozen";
    case Cause::black:
      return "black";
    case Cause::camera_lost:
      return "camera lost";
    case Cause::deadline_missed:
      return "deadline missed";
    case Cause::model_fault:
      return "model fault";
    case Cause::no_valid_model:
      return "no valid model";
    case Cause::bad_config:
      return "bad config";
    case Cause::min_on:
      return "min_on";
    case Cause::min_off:
      return "min_off";
    case Cause::duty_limit:
      return "duty limit";
    case Cause::rate_limit:
      return "rate limit";
    case Cause::override_:
      return "override";
    case Cause::overexposed:
      return "overexposed";
  }
  return "unknown";
}

}  // namespace pinfer
