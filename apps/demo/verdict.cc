// SPDX-License-Identifier: Apache-2.0
#include "apps/demo/verdict.h"

#include <algorithm>

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongEnough = 1s;
// Sliding in and out a thing may be known before and after it is in full sight; the rules' windows
// and the way through the guard come on top at the end.
constexpr Duration kBefore = 200ms;
constexpr Duration kAfter = 350ms;

bool names(const Condition& condition, const std::string& label) {
  if (condition.kind == ConditionKind::negate) return false;
  if (condition.kind == ConditionKind::match)
    return std::find(condition.labels.begin(), condition.labels.end(), label) !=
           condition.labels.end();
  return std::any_of(condition.children.begin(), condition.children.end(),
                     [&](const Condition& child) { return names(child, label); });
}

double seconds(Duration duration) { return to_ms(duration) / 1000.0; }

bool covers(const Showing& showing, Duration at) {
  return at >= showing.from - kBefore && at <= showing.to + kAfter;
}

// The edges of one output: how many rises belong to `showing`, and whether each falls again.
struct Switched {
  int rises = 0;
  bool off_again = true;
};

Switched switched_by(const Showing& showing, std::size_t output, std::span<const Edge> edges) {
  Switched found;
  for (const Edge& edge : edges) {
    if (edge.output != output) continue;
    if (edge.active && covers(showing, edge.at)) {
      ++found.rises;
      found.off_again = false;
    } else if (!edge.active) {
      found.off_again = true;
    } else if (edge.at > showing.to) {
      break;  // the next thing's rise
    }
  }
  return found;
}

void check_showing(const Config& config, const Showing& showing, std::span<const Edge> edges,
                   Verdict& verdict) {
  for (const std::size_t output : outputs_for(config, showing.label)) {
    const Switched found = switched_by(showing, output, edges);
    const std::string& name = config.outputs[output].name;
    ++verdict.expected;
    if (found.rises == 1 && found.off_again) {
      ++verdict.met;
    } else if (found.rises != 1) {
      verdict.complaints.push_back(fmt::format(
          "'{}' shown from {:.2f} s to {:.2f} s switched {} on {} times instead of once",
          showing.label, seconds(showing.from), seconds(showing.to), name, found.rises));
    } else {
      verdict.complaints.push_back(fmt::format("{} stayed on after '{}' had left at {:.2f} s", name,
                                               showing.label, seconds(showing.to)));
    }
  }
}

bool is_explained(const Config& config, const Edge& edge, std::span<const Showing> showings) {
  return std::any_of(showings.begin(), showings.end(), [&](const Showing& showing) {
    const auto outputs = outputs_for(config, showing.label);
    return covers(showing, edge.at) &&
           std::find(outputs.begin(), outputs.end(), edge.output) != outputs.end();
  });
}

}  // namespace

std::vector<std::size_t> outputs_for(const Config& config, const std::string& label) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < config.outputs.size(); ++i) {
    const bool wanted =
        std::any_of(config.rules.begin(), config.rules.end(), [&](const RuleConfig& rule) {
          return rule.output == config.outputs[i].name && names(rule.when, label);
        });
    if (wanted) found.push_back(i);
  }
  return found;
}

Verdict judge(const Config& config, std::span<const Showing> showings, std::span<const Edge> edges,
              Duration ran_for) {
  Verdict verdict;
  for (const Showing& showing : showings) {
    if (showing.to - showing.from >= kLongEnough && showing.to + 2 * kAfter <= ran_for)
      check_showing(config, showing, edges, verdict);
  }
  for (const Edge& edge : edges) {
    if (edge.active && !is_explained(config, edge, showings)) {
      verdict.complaints.push_back(fmt::format("{} went on at {:.2f} s for nothing that was shown",
                                               config.outputs[edge.output].name, seconds(edge.at)));
    }
  }
  return verdict;
}

}  // namespace pinfer
