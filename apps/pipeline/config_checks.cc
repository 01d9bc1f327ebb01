// SPDX-License-Identifier: Apache-2.0
// What one key of the configuration says about another.
#include <algorithm>
#include <map>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

std::vector<std::string> output_names(const ConfigDraft& draft) {
  std::vector<std::string> names;
  for (const auto& place : draft.output_places) names.push_back(place.name);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_lines(const ConfigDraft& draft) {
  const auto& outputs = draft.config.outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& line = draft.output_places[i].line;
    if (outputs[i].place.empty() || !line) continue;  // it has none, or one with an error
    for (std::size_t j = 0; j < i; ++j) {
      if (outputs[j].place.empty() || !outputs[i].spec.same_line(outputs[j].spec)) continue;
      line->error(fmt::format("{} is already the line of outputs.{} (line {})", outputs[i].place,
                              outputs[j].name, draft.output_places[j].line->place().line));
      break;
    }
  }
}

void check_rule_outputs(const ConfigDraft& draft) {
  const std::vector<std::string> outputs = output_names(draft);
  std::map<std::string, int> driven;  // output -> line of the first rule
  for (const auto& [output, value] : draft.rule_places) {
    if (!contains(outputs, output)) {
      if (!draft.outputs_complete) continue;
      value.error(fmt::format("there is no output '{}'{}", output, mean_one_of(output, outputs)));
      continue;
    }
    const auto [first, is_new] = driven.emplace(output, value.place().line);
    if (is_new) continue;
    value.error(
        fmt::format("output '{}' has a rule already (line {}); join the two with any: [...]",
                    output, first->second));
  }
  for (const auto& [name, output, line] : draft.output_places) {
    if (!driven.contains(name)) {
      output.warn_at_key(
          fmt::format("no rule drives the output '{}'; it stays at its safe level", name));
    }
  }
}

void check_zone_uses(const ConfigDraft& draft) {
  const std::vector<std::string>& zones = draft.zone_names;
  const std::string& decoder = draft.config.decoder.type;
  for (const auto& [zone, value] : draft.zone_uses) {
    if (!contains(zones, zone)) {
      value.error(fmt::format("there is no zone '{}'{}", zone, mean_one_of(zone, zones)));
    } else if (decoder == "classification" || decoder == "raw") {
      value.error(fmt::format("decoder {} gives no boxes, so nothing is ever in a zone", decoder));
    }
  }
}

void check_scores(const ConfigDraft& draft) {
  const auto& hidden_below = draft.config.decoder.min_score;
  for (const auto& [score, value] : draft.score_uses) {
    if (!hidden_below || score >= *hidden_below) continue;
    value.warn_at_key(
        fmt::format("decoder.min_score {:g} hides the scores down to {:g}", *hidden_below, score));
  }
}

}  // namespace

void check_references(const ConfigDraft& draft) {
  check_lines(draft);
  check_rule_outputs(draft);
  check_zone_uses(draft);
  check_scores(draft);
}

}  // namespace pinfer
