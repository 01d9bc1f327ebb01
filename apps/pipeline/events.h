// SPDX-License-Identifier: Apache-2.0
// Event: one thing worth a line in the log, as a value without heap; EventRing carries events from
// the frame thread to the control thread, which alone formats and writes them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apps/guard/client.h"
#include "apps/pipeline/image_health.h"
#include "apps/pipeline/rules.h"
#include "runtime/core/clock.h"
#include "runtime/core/fixed_vector.h"

namespace pinfer {

enum class EventKind : std::uint8_t {
  prediction,  // the best prediction is of another class than before
  decision,    // a rule wants another level for its output
  withheld,    // frames decide nothing from now on: `cause`; every output is at its safe level
  resumed,     // frames decide again
  edge,        // a line has another level: what people and machines wait for
  held,        // a line keeps its level, whatever its rule wants: `cause`, a limit of the guard
  view,  // the camera shows another view than the reference, or (not active) the old one again
};

constexpr std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::prediction:
      return "prediction";
    case EventKind::decision:
      return "decision";
    case EventKind::withheld:
      return "withheld";
    case EventKind::resumed:
      return "resumed";
    case EventKind::edge:
      return "edge";
    case EventKind::held:
      return "held";
    case EventKind::view:
      return "view";
  }
  return "unknown";
}

// Bytes over the room are cut between two characters.
using EventText = FixedText<63>;
using ReasonText = FixedText<kMaxReason>;
// The first digits of the model file's SHA-256, as `sha256sum` prints it.
using ModelVersion = FixedText<12>;

struct EventScore {
  std::int32_t class_id = 0;
  float score = 0.0f;
  EventText label;  // empty: the model has no labels
};
inline constexpr std::size_t kEventScores = 3;

struct Event {
  EventKind kind = EventKind::prediction;
  Cause cause = Cause::start;  // edge, held, withheld
  bool active = false;         // edge, held, decision: the level; view: it has moved
  bool has_frame = true;       // false: none yet, or it has nothing to do with one
  bool timed = false;  // edge, decision: a pulse, hold or delay is over; no frame asked for it
  std::uint64_t sequence = 0;                    // of the frame that decided, or the newest one
  MonotonicTime captured_at;                     // of that frame
  MonotonicTime at;                              // the decision; edge: the change of the line
  OutputName output;                             // edge, held, decision
  EventText rule;                                // edge, decision; empty: no rule, the guard did it
  ReasonText reason;                             // why the rule says so: the state of its filter
  Duration lease{};                              // edge, decision: the time of the lease asked for
  ModelVersion model;                            // that looked at the frame
  FixedVector<EventScore, kEventScores> scores;  // the best predictions of that frame
  ImageHealth image;                             // of that frame

  [[nodiscard]] Duration age() const noexcept {
    return has_frame ? at - captured_at : Duration::zero();
  }
};

// `text`, cut to the room.
template <std::size_t N>
void assign_cut(FixedText<N>& target, std::string_view text) noexcept {
  std::size_t size = text.size() < N ? text.size() : N;
  while (size < text.size() && size > 0 && (text[size] & 0xc0) == 0x80) --size;
  static_cast<void>(target.assign(text.substr(0, size)));
}

// "edge gate on, rule open_the_gate: 7 0.98 >= 0.70 [frame 123, age 12.3 ms: 7 0.98, 1 0.01]"
std::string event_line(const Event& event);
// One JSON object, without a line end.
std::string event_json(const Event& event);

// One writer, one reader. A full ring drops the new event and counts it.
class EventRing final {
 public:
  static constexpr std::size_t kCapacity = 256;

  bool push(const Event& event) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == kCapacity) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    events_[head % kCapacity] = event;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }
  bool pop(Event& event) noexcept {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) return false;
    event = events_[tail % kCapacity];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  // Writer: how many events have gone in.
  [[nodiscard]] std::uint64_t pushed() const noexcept {
    return head_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_.load(std::memory_order_relaxed);
  }

 private:
  std::array<Event, kCapacity> events_{};
  std::atomic<std::uint64_t> head_{0};
  std::atomic<std::uint64_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace pinfer
