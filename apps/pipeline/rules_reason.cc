// SPDX-License-Identifier: Apache-2.0
// Rule::reason(): the level in words, without allocating.
#include <algorithm>
#include <bit>

#include "apps/pipeline/labels.h"
#include "apps/pipeline/rules.h"
#include "apps/pipeline/utf8.h"

namespace pinfer {

// Writes into a fixed buffer; what does not fit is cut between two characters.
class RuleReason final {
 public:
  RuleReason(const Rule& rule, const RuleState& state, std::span<char> buffer) noexcept
      : rule_(rule), state_(state), buffer_(buffer) {}

  std::string_view write() noexcept {
    const RuleConfig& config = rule_.config_;
    switch (state_.cause) {
      case LevelCause::start:
        append("start");
        break;
      case LevelCause::pulse_over:
        number("pulse of {:g} ms is over", to_ms(config.pulse));
        break;
      case LevelCause::max_hold_over:
        number("on for max_hold {:g} ms", to_ms(config.max_hold));
        break;
      case LevelCause::condition:
        explain(0);
        const Duration delay = state_.level ? config.delayed_on : config.delayed_off;
        if (delay > Duration::zero()) number(" for {:g} ms", to_ms(delay));
        break;
    }
    return {buffer_.data(), size_};
  }

 private:
  using Node = Rule::Node;

  // The conditions that make the node what it is: for a true `any` or a false `all` one is enough.
  void explain(std::size_t index) noexcept {
    const Node& node = rule_.nodes_[index];
    const bool value = state_.conditions[index].value;
    if (node.kind == ConditionKind::match) {
      explain_match(node, state_.conditions[index]);
    } else {
      const bool one_is_enough =
          (node.kind == ConditionKind::any && value) || (node.kind == ConditionKind::all && !value);
      const bool telling = node.kind == ConditionKind::negate ? !value : value;
      bool first = true;
      for (std::size_t child = index + 1; child < node.end; child = rule_.nodes_[child].end) {
        if (one_is_enough && state_.conditions[child].value != telling) continue;
        if (!first) append(" and ");
        first = false;
        explain(child);
        if (one_is_enough) break;
      }
    }
    if (node.of > 1) {
      number(", {} of ", std::popcount(state_.conditions[index].history));
      number("{} frames", node.of);
    }
  }

  void explain_match(const Node& node, const ConditionState& condition) noexcept {
    if (condition.class_id < 0) {
      append("no ");
      append(node.words);
    } else {
      const std::string_view label = label_of(rule_.labels_, condition.class_id);
      if (label.empty()) {
        number("class {}", condition.class_id);
      } else {
        append(label);
      }
      number(" {:.2f}", condition.score);
      append(condition.score >= condition.threshold ? " >= " : " < ");
      number("{:.2f}", condition.threshold);
      if (node.min_count > 1) number(" x{}", condition.count);
    }
    if (!node.zone.empty()) {
      append(" in ");
      append(node.zone);
    }
  }

  void append(std::string_view text) noexcept {
    if (full_) return;
    while (!text.empty()) {
      const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
      full_ = length > buffer_.size() - size_;
      if (full_) return;
      std::copy_n(text.data(), length, buffer_.data() + size_);
      size_ += length;
      text.remove_prefix(length);
    }
  }

  template <class T>
  void number(fmt::format_string<T> format, T value) noexcept {
    char text[64];
    const auto end = fmt::format_to_n(text, sizeof text, format, std::move(value));
    append(std::string_view(text, std::min(end.size, sizeof text)));
  }

  const Rule& rule_;
  const RuleState& state_;
  std::span<char> buffer_;
  std::size_t size_ = 0;
  bool full_ = false;
};

std::string_view Rule::reason(const RuleState& state, std::span<char> buffer) const noexcept {
  return RuleReason(*this, state, buffer).write();
}

}  // namespace pinfer
