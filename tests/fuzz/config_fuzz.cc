// SPDX-License-Identifier: Apache-2.0
// Any text goes to the configuration reader: it answers with a Config or with places and sentences.
#include <cstdlib>

#include "apps/pipeline/config_load.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

pinfer::ConfigOptions options() {
  pinfer::ConfigOptions options;
  options.boards_dir = PINFER_BOARDS_DIR;
  options.device_tree = "/nonexistent";
  options.check_files = false;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    return name.size() % 2 == 0 ? std::optional("7" + name) : std::nullopt;
  };
  return options;
}

void check_places(const pinfer::ConfigLoad& load) {
  for (const pinfer::Diagnostic& diagnostic : load.diagnostics) {
    require(!diagnostic.message.empty() && diagnostic.line >= 0 && diagnostic.column >= 0);
    require(diagnostic.caret >= 1);
  }
  require(load.config.has_value() != pinfer::has_errors(load.diagnostics));
  require(pinfer::render_text(load.diagnostics).empty() == load.diagnostics.empty());
  require(pinfer::render_json(load.diagnostics).starts_with('['));
}

void check_config(const pinfer::Config& config) {
  for (const pinfer::OutputConfig& output : config.outputs) {
    require(!output.name.empty() && output.spec.name.view() == output.name);
    require(output.ttl > pinfer::Duration::zero());
  }
  for (const pinfer::RuleConfig& rule : config.rules) require(!rule.output.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pinfer::ConfigOptions reading = options();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const pinfer::ConfigLoad load = pinfer::parse_config(text, "config.yaml", reading);
  check_places(load);
  if (!load.config) return 0;
  check_config(*load.config);
  const pinfer::ConfigLoad again = pinfer::parse_config(text, "config.yaml", reading);
  require(again.config == load.config);  // what a reload of an unchanged file sees
  return 0;
}
