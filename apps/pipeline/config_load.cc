// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/config_load.h"

#include <cstdlib>
#include <exception>
#include <filesystem>

#include "apps/pipeline/config_parts.h"
#include "apps/pipeline/labels.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShownDiagnostics = 100;

bool is_empty(const ConfigValue& value) { return value.node().kind == YamlNode::Kind::null; }

// An empty `outputs:`, `interlocks:`, `zones:` or `rules:` is a list whose entries are commented
// out.
void read_list(const std::optional<ConfigValue>& value, ConfigDraft& draft,
               void (*read)(const ConfigValue&, ConfigDraft&)) {
  if (value && !is_empty(*value)) read(*value, draft);
}

void read_root(const ConfigValue& root, ConfigDraft& draft) {
  Section section(root);
  if (!section) return;
  read_board(section.find("board"), root, draft);
  if (const auto v = section.require("camera")) read_camera(*v, draft);
  if (const auto v = section.require("model")) read_model(*v, draft);
  if (const auto v = section.find("decoder")) read_decoder(*v, draft);
  read_list(section.find("outputs"), draft, read_outputs);
  read_list(section.find("interlocks"), draft, read_interlocks);
  if (const auto v = section.find("guard")) read_guard(*v, draft);
  read_list(section.find("zones"), draft, read_zones);
  read_list(section.find("rules"), draft, read_rules);
  if (const auto v = section.find("frame_max_age")) {
    v->duration({10ms, 1min}, draft.config.frame_max_age);
  }
  if (const auto v = section.find("log")) read_log(*v, draft);
  if (const auto v = section.find("journal")) read_journal_section(*v, draft);
  section.find("templates");  // a place for anchors
  section.finish();
  for (OutputConfig& output : draft.config.outputs) {
    if (output.ttl == Duration::zero()) output.ttl = draft.config.guard.ttl;
  }
  check_references(draft);
}

void limit(std::vector<Diagnostic>& diagnostics, const std::string& file) {
  if (diagnostics.size() <= kShownDiagnostics) return;
  const std::size_t more = diagnostics.size() - kShownDiagnostics;
  const bool errors = has_errors(diagnostics);
  diagnostics.resize(kShownDiagnostics);
  diagnostics.push_back({errors ? Severity::error : Severity::warning, file, 0, 0, "",
                         fmt::format("and {} more", more), "", 1});
}

ConfigLoad parse(const ConfigSource& source, const ConfigOptions& options) {
  ConfigLoad load;
  load.diagnostics = check_text(source);
  if (!load.diagnostics.empty()) {
    limit(load.diagnostics, source.file());
    return load;
  }
  auto document = parse_yaml(source, load.diagnostics);
  if (!document) return load;
  settle_yaml(source, options.environment, *document, load.diagnostics);
  ConfigReader reader{source, *document, load.diagnostics};
  ConfigDraft draft(options, std::filesystem::path(source.file()).parent_path().string());
  read_root(ConfigValue(reader, document->root, {}, ""), draft);
  load.label_uses = std::move(draft.label_uses);
  if (!draft.config.model.labels.empty()) {
    for (Diagnostic& unknown : check_labels(load, draft.config.model.labels)) {
      load.diagnostics.push_back(std::move(unknown));
    }
  }
  if (has_errors(load.diagnostics)) {  // the warnings may only be their consequences
    std::erase_if(load.diagnostics,
                  [](const Diagnostic& d) { return d.severity == Severity::warning; });
  }
  sort_diagnostics(load.diagnostics);
  if (!has_errors(load.diagnostics)) load.config = std::move(draft.config);
  limit(load.diagnostics, source.file());
  return load;
}

ConfigLoad refused(const std::string& path, std::string message) {
  ConfigLoad load;
  load.diagnostics.push_back({Severity::error, path, 0, 0, "", std::move(message), "", 1});
  return load;
}

}  // namespace

std::optional<std::string> ConfigOptions::process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

ConfigLoad parse_config(std::string_view text, const std::string& path,
                        const ConfigOptions& options) {
  try {
    return parse(ConfigSource(path, text), options);
  } catch (const std::exception& error) {  // out of memory, or a file system that answers nonsense
    return refused(path, fmt::format("cannot be read: {}", error.what()));
  }
}

ConfigLoad load_config(const std::string& path, const ConfigOptions& options) {
  const auto text = read_file(path, kMaxConfigBytes);
  if (!text) return refused(path, text.error().message);
  return parse_config(*text, path, options);
}

Result<Config> require_config(const std::string& path, const ConfigOptions& options) {
  ConfigLoad load = load_config(path, options);
  if (!load) return fail(ErrorCode::config, "{}", render_text(load.diagnostics));
  return *std::move(load.config);
}

std::vector<Diagnostic> check_labels(const ConfigLoad& load, std::span<const std::string> labels) {
  const std::vector<std::string> known(labels.begin(), labels.end());
  std::vector<Diagnostic> unknown;
  for (const auto& [place, label] : load.label_uses) {
    if (!classes_of(labels, label).empty()) continue;
    Diagnostic diagnostic = place;
    const std::string guess = mean_one_of(label, known);
    diagnostic.message = labels.empty()
                             ? fmt::format(
                                   "'{}': the model has no labels; give model.labels, or use "
                                   "class: <number>",
                                   label)
                             : fmt::format("'{}' is not one of the {} labels of the model{}", label,
                                           labels.size(), guess);
    unknown.push_back(std::move(diagnostic));
  }
  return unknown;
}

}  // namespace pinfer
