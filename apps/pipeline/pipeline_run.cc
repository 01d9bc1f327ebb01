// SPDX-License-Identifier: Apache-2.0
// The hot half of Pipeline: one frame, from light to lease.
#include <algorithm>

#include "apps/pipeline/labels.h"
#include "apps/pipeline/pipeline.h"

namespace pinfer {

MonotonicTime Pipeline::now(const Frame& frame) const noexcept {
  return replay_ ? frame.captured_at : MonotonicTime::now();
}

Status Pipeline::process(const Frame& frame) noexcept {
  const MonotonicTime arrived = now(frame);
  // A source whose clock is ahead of ours must not buy its pictures a longer life.
  captured_at_ = std::min(frame.captured_at, arrived);
  // What was due before this frame happens at its own time, whoever called tick() or did not.
  play_until(captured_at_);
  sequence_ = frame.sequence;
  saw_frame_ = true;
  image_ = {};
  if (arrived - captured_at_ > stale_after_) {
    withhold(Cause::stale_frame, arrived);
    return Status::timeout;
  }
  if (const auto cause = judge_picture(frame)) {
    withhold(*cause, now(frame));
    return Status::cancelled;
  }
  if (const Status status = infer(frame); status != Status::ok) {
    withhold(Cause::model_fault, now(frame));
    return status;
  }
  const MonotonicTime inferred = now(frame);
  if (inferred - captured_at_ > stale_after_) {
    withhold(Cause::deadline_missed, inferred);
    return Status::timeout;
  }
  has_frame_ = true;
  if (withheld_) {
    withheld_.reset();
    if (events_ != nullptr) events_->push(make_event(EventKind::resumed, inferred));
  }
  note_prediction(inferred);
  note_view(inferred);
  rules_.update(predictions_, captured_at_);
  drive(inferred, false);
  timings_.decision += now(frame) - inferred;
  return Status::ok;
}

std::optional<Cause> Pipeline::judge_picture(const Frame& frame) noexcept {
  image_ = meter_.measure(frame);
  return judge_.judge(image_, meter_.view(), frame.still_for, captured_at_);
}

void Pipeline::note_view(MonotonicTime at) noexcept {
  if (judge_.moved() == moved_) return;
  moved_ = judge_.moved();
  if (events_ == nullptr) return;
  Event event = make_event(EventKind::view, at);
  event.active = moved_;
  events_->push(event);
}

Status Pipeline::infer(const Frame& frame) noexcept {
  predictions_.clear();
  const MonotonicTime start = now(frame);
  if (const Status status = preprocess_.run(frame, session_.input(0).data); status != Status::ok)
    return status;
  const MonotonicTime filled = now(frame);
  if (const Status status = session_.run(); status != Status::ok) return status;
  const MonotonicTime ran = now(frame);
  const Status status = decoder_->decode(outputs_, decode_options_, predictions_);
  timings_ = {filled - start, ran - filled, now(frame) - ran};
  return status;
}

void Pipeline::tick(MonotonicTime now) noexcept {
  if (has_frame_ && !withheld_ && now - captured_at_ > stale_after_) {
    withhold(Cause::stale_frame, now);
    return;
  }
  play_until(now);
  drive(now, true);
}

// Plays the changes that need no frame one after the other, so that each is seen, however late.
void Pipeline::play_until(MonotonicTime time) noexcept {
  if (withheld_) return;
  for (auto next = rules_.next_change(); next && *next <= time; next = rules_.next_change()) {
    rules_.tick(*next);
    drive(*next, true);
  }
}

std::optional<MonotonicTime> Pipeline::next_tick() const noexcept {
  if (withheld_ || !has_frame_) return std::nullopt;
  const MonotonicTime stale = captured_at_ + stale_after_ + Duration(1);
  const auto change = rules_.next_change();
  return change ? std::min(*change, stale) : stale;
}

// Leases for what the rules want, a release for what they want no more.
void Pipeline::drive(MonotonicTime at, bool timed) noexcept {
  for (OutputLine& line : lines_) {
    const bool level = line.rule && !withheld_ ? rules_.level(*line.rule) : line.safe_active;
    const bool changed = level != line.wanted;
    line.wanted = level;
    if (changed) ++turns_;
    if (changed && events_ != nullptr) {
      // Before the lease: when the edge comes back from the guard its reason must be there.
      Event event = make_event(EventKind::decision, at);
      event.output = line.name;
      event.active = level;
      event.timed = timed;
      event.lease = line.ttl;
      if (line.rule) {
        char reason[kMaxReason];
        assign_cut(event.rule, rules_.rule(*line.rule).config().name);
        assign_cut(event.reason, rules_.reason(*line.rule, reason));
      }
      events_->push(event);
    }
    if (level != line.safe_active)
      renew(line);
    else if (line.leased)
      release(line, withheld_.value_or(Cause::released));
  }
}

void Pipeline::renew(OutputLine& line) noexcept {
  if (guard_ == nullptr) return;
  const Duration ttl = lease_time(line);
  constexpr Duration kShortest = std::chrono::milliseconds(1);
  if (ttl < kShortest) return;
  // A lease that does not get through runs out in the guard: nothing to do about it here.
  if (guard_->renew(line.handle, line.wanted, ttl) == Status::ok) line.leased = true;
}

// No lease outlives the frame that it stands on: one that the guard reads late, because this
// machine is overloaded, has run out by then and moves nothing.
Duration Pipeline::lease_time(const OutputLine& line) const noexcept {
  if (replay_) return line.ttl;
  const Duration left = captured_at_ + frame_max_age_ - MonotonicTime::now();
  // Down, for the guard counts in these.
  return std::chrono::floor<std::chrono::milliseconds>(std::min(line.ttl, left));
}

void Pipeline::release(OutputLine& line, Cause cause) noexcept {
  if (guard_ == nullptr) return;
  if (guard_->release(line.handle, cause) == Status::ok) line.leased = false;
}

void Pipeline::withhold(Cause cause, MonotonicTime now) noexcept {
  const bool news = withheld_ != cause;
  withheld_ = cause;
  has_frame_ = false;
  // What was seen before a gap says nothing about what is there after it.
  rules_.reset();
  predictions_.clear();
  best_class_ = kNoClass;
  for (OutputLine& line : lines_) {
    line.wanted = line.safe_active;
    if (line.leased) release(line, cause);
  }
  if (news) ++turns_;
  if (!news || events_ == nullptr) return;
  Event event = make_event(EventKind::withheld, now);
  event.cause = cause;
  events_->push(event);
}

void Pipeline::note_prediction(MonotonicTime at) noexcept {
  const std::int32_t best = predictions_.empty() ? kNoClass : predictions_[0].class_id;
  if (best == best_class_) return;
  best_class_ = best;
  if (events_ != nullptr) events_->push(make_event(EventKind::prediction, at));
}

Event Pipeline::make_event(EventKind kind, MonotonicTime at) const noexcept {
  Event event;
  event.kind = kind;
  event.has_frame = saw_frame_;
  event.sequence = sequence_;
  event.captured_at = captured_at_;
  event.at = at;
  event.image = image_;
  event.model = model_version_;
  for (const Prediction& prediction : predictions_) {
    EventScore score{prediction.class_id, prediction.score, {}};
    assign_cut(score.label, label_of(labels_, prediction.class_id));
    if (!event.scores.push_back(score)) break;
  }
  return event;
}

}  // namespace pinfer
