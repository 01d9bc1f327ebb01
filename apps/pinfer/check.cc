// SPDX-License-Identifier: Apache-2.0
// pinfer check: everything that can be known of a configuration without touching a device.
#include <fmt/ostream.h>

#include <memory>

#include "apps/pinfer/config_option.h"
#include "apps/pinfer/text.h"
#include "apps/pipeline/pipeline.h"

namespace pinfer {
namespace {

struct Options {
  ConfigOption config;
  bool no_model = false;
};

// What the checks found beyond the file itself.
struct Findings {
  std::vector<Diagnostic> diagnostics;
  std::string trouble;  // of the model or the chain; empty: none
  std::string model;    // one line about it
};

// Frames of unknown size: the chain is built for a common one, which tells whether it can be built.
FrameGeometry assumed_geometry(const CameraConfig& camera) {
  constexpr int kWidth = 640, kHeight = 480;
  FrameGeometry geometry;
  geometry.width = camera.width > 0 ? camera.width : kWidth;
  geometry.height = camera.height > 0 ? camera.height : kHeight;
  geometry.format = PixelFormat::bgr8;
  return geometry;
}

Result<std::string> check_chain(const Config& config, const ConfigLoad& load, Findings& findings) {
  PINFER_TRY(const auto model, load_model(config.model.path, {}));
  std::vector<std::string> labels = config.model.labels;
  if (labels.empty() && !model->metadata.outputs.empty())
    labels = model->metadata.outputs[0].labels;
  for (Diagnostic& diagnostic : check_labels(load, labels))
    findings.diagnostics.push_back(std::move(diagnostic));
  if (has_errors(findings.diagnostics)) return std::string();
  PINFER_TRY(const auto pipeline,
             Pipeline::create(config, model, {.frame = assumed_geometry(config.camera)}));
  return fmt::format("{} ({} labels)", config.model.path, pipeline->labels().size());
}

Findings inspect(const ConfigLoad& load, const Options& options) {
  Findings findings;
  findings.diagnostics = load.diagnostics;
  if (!load.config || options.no_model) return findings;
  Result<std::string> model = check_chain(*load.config, load, findings);
  if (model)
    findings.model = *std::move(model);
  else
    findings.trouble = model.error().message;
  return findings;
}

void print_text(std::ostream& out, const Config& config, const Findings& findings) {
  fmt::print(out, "  board   {}\n  camera  {}\n", config.board_name, config.camera.source);
  if (!findings.model.empty()) fmt::print(out, "  model   {}\n", findings.model);
  Table outputs({"output", "line", "driver", "active", "safe", "rule"},
                {false, false, false, false, false, false});
  for (const OutputConfig& output : config.outputs) {
    std::string rule = "-";
    for (const RuleConfig& candidate : config.rules)
      if (candidate.output == output.name) rule = candidate.name;
    outputs.add({output.name, output.place, std::string(output.spec.driver.view()),
                 output.spec.active_low ? "low" : "high", output.spec.safe_active ? "on" : "off",
                 rule});
  }
  out << "\n";
  outputs.print(out);
}

Json to_json(const ConfigLoad& load, const Findings& findings, bool ok) {
  Json json{{"ok", ok}, {"diagnostics", Json::parse(render_json(findings.diagnostics))}};
  if (!findings.trouble.empty()) json["error"] = findings.trouble;
  if (!load.config) return json;
  json["board"] = load.config->board;
  json["camera"] = load.config->camera.source;
  json["model"] = load.config->model.path;
  Json outputs = Json::array();
  for (const OutputConfig& output : load.config->outputs)
    outputs.push_back({{"name", output.name},
                       {"line", output.place},
                       {"active_low", output.spec.active_low},
                       {"safe", output.spec.safe_active}});
  json["outputs"] = outputs;
  return json;
}

Result<ExitCode> check(const Options& options, Console& console) {
  const ConfigLoad load = options.config.load(true);
  const Findings findings = inspect(load, options);
  const bool ok = load.config && findings.trouble.empty() && !has_errors(findings.diagnostics);
  if (console.json) {
    print_json(console.out, to_json(load, findings, ok));
    return ok ? ExitCode::ok : ExitCode::config;
  }
  if (!findings.diagnostics.empty()) console.err << render_text(findings.diagnostics);
  if (!findings.trouble.empty()) console.err << "pinfer: " << findings.trouble << "\n";
  if (!ok) return ExitCode::config;
  fmt::print(console.out, "{}: ok\n", options.config.path);
  print_text(console.out, *load.config, findings);
  return ExitCode::ok;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->config.declare(app);
  app.flag("--no-model", options->no_model, "check the file only, not the model it names");
  return [options](Console& console) { return check(*options, console); };
}

}  // namespace

extern const Verb check_verb;
const Verb check_verb{.name = "check",
                      .summary = "say everything that is wrong with a configuration",
                      .examples =
                          "  pinfer check /etc/pinfer/config.yaml\n"
                          "  pinfer check config.yaml --json\n",
                      .declare = declare};

}  // namespace pinfer
