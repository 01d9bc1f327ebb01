// SPDX-License-Identifier: Apache-2.0
// The parts of the configuration file; only the config*.cc files include this.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/board.h"
#include "apps/pipeline/config.h"
#include "apps/pipeline/config_load.h"
#include "apps/pipeline/config_value.h"

namespace pinfer {

// What is read so far, and the places that the cross checks need.
struct ConfigDraft {
  ConfigDraft(const ConfigOptions& with_options, std::string in_folder)
      : options(with_options), folder(std::move(in_folder)) {}

  const ConfigOptions& options;
  std::string folder;  // relative paths start here
  Board board;
  bool board_known = false;  // false: it has an error, lines cannot be checked
  Config config;
  std::vector<LabelUse> label_uses;

  struct RulePlace {
    std::string output;
    ConfigValue value;  // of `output:`
  };
  struct ZoneUse {
    std::string zone;
    ConfigValue value;
  };
  struct ScoreUse {
    float score = 0.0f;  // the lowest one that a condition looks at
    ConfigValue value;
  };
  struct OutputPlace {
    std::string name;
    ConfigValue output;
    std::optional<ConfigValue> line;  // of gpio:, pin: or line:
  };
  std::vector<OutputPlace> output_places;
  std::optional<ConfigValue> estop_line;
  bool outputs_complete = true;  // false: some could not be read, so a name may be right
  std::vector<std::string> zone_names;
  std::vector<RulePlace> rule_places;
  std::vector<ZoneUse> zone_uses;
  std::vector<ScoreUse> score_uses;
};

void read_camera(const ConfigValue& value, ConfigDraft& draft);
// After read_camera() has the source: what counts for it when the file says nothing.
void set_health_defaults(ConfigDraft& draft);
void read_health(const ConfigValue& value, ConfigDraft& draft);
void read_model(const ConfigValue& value, ConfigDraft& draft);
void read_backend(Section& model, ModelConfig& config);
void read_decoder(const ConfigValue& value, ConfigDraft& draft);
void read_board(const std::optional<ConfigValue>& value, const ConfigValue& root,
                ConfigDraft& draft);
void read_outputs(const ConfigValue& value, ConfigDraft& draft);
void read_interlocks(const ConfigValue& value, ConfigDraft& draft);  // after the outputs
void read_estop(const ConfigValue& value, ConfigDraft& draft);       // of guard:
void read_zones(const ConfigValue& value, ConfigDraft& draft);
void read_rules(const ConfigValue& value, ConfigDraft& draft);
void read_guard(const ConfigValue& value, ConfigDraft& draft);
void read_journal_section(const ConfigValue& value, ConfigDraft& draft);
void read_log(const ConfigValue& value, ConfigDraft& draft);

// `gpio:`, `pin:` or `line:` of an output or an input.
void place_line(const ConfigValue& value, LineRequest request, const ConfigDraft& draft,
                OutputConfig& output);
// min_on and the like, of an output whose `safe` has been read.
void read_limits(Section& section, LineSpec& spec);

// What one key says about another.
void check_references(const ConfigDraft& draft);

// `path` from the folder of the configuration file, where it is relative.
std::string from_folder(const ConfigDraft& draft, const std::string& path);

// "; known are a, b" or " (did you mean a?)".
std::string mean_one_of(std::string_view word, const std::vector<std::string>& known);

}  // namespace pinfer
