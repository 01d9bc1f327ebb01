// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "apps/pinfer/json.h"
#include "apps/pinfer/verb.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

int number(ExitCode code) { return static_cast<int>(code); }

// One sub-command of CLI11 with the action it leads to.
struct Declared {
  const Verb* verb = nullptr;
  CLI::App* options = nullptr;
  Action action;
};

std::vector<Declared> declare(CLI::App& root, bool& json) {
  std::vector<Declared> declared;
  for (const Verb* verb : verbs()) {
    CLI::App* options = root.add_subcommand(std::string(verb->name), std::string(verb->summary));
    if (!verb->examples.empty()) options->footer("Examples:\n" + std::string(verb->examples));
    options->add_flag("--json", json, "print JSON instead of text");
    OptionList list(*options);
    declared.push_back({verb, options, verb->declare(list)});
  }
  return declared;
}

// The long options and verbs that a mistyped word may have meant.
std::optional<std::string> suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  } else {
    for (const CLI::App* sub : app.get_subcommands({})) known.push_back(sub->get_name());
  }
  const auto found = nearest(word.substr(0, word.find('=')), known);
  return found ? std::optional(std::string(*found)) : std::nullopt;
}

int fail_usage(const CLI::App& app, const std::vector<std::string>& arguments,
               const std::string& message, std::ostream& err) {
  err << "pinfer: " << message << "\n";
  for (const std::string& word : arguments) {
    const bool is_option = word.starts_with("--");
    const bool is_verb = app.get_parent() == nullptr && &word == &arguments.front();
    if (!is_option && !is_verb) continue;
    const auto meant = suggestion(app, word);
    if (meant && *meant != word.substr(0, word.find('=')))
      err << "did you mean `" << *meant << "`?\n";
  }
  const bool root = app.get_parent() == nullptr;
  err << "`pinfer " << (root ? "" : app.get_name() + " ") << "--help` lists what there is\n";
  return number(ExitCode::usage);
}

int report(const Error& error, const Console& console) {
  if (console.json)
    print_json(console.out, {{"error", error.message}});
  else
    console.err << "pinfer: " << error.message << "\n";
  return number(exit_code_of(error.code));
}

}  // namespace

ExitCode exit_code_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return ExitCode::usage;
    case ErrorCode::config:
      return ExitCode::config;
    case ErrorCode::refused:
      return ExitCode::refused;
    default:
      return ExitCode::failed;
  }
}

int run_cli(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  CLI::App root("Pinfer: what a camera sees decides what a pin does.", "pinfer");
  root.set_version_flag("--version", std::string("pinfer ") + PINFER_VERSION);
  root.require_subcommand(1);
  root.footer("`pinfer VERB --help` shows the options of a verb, with examples.");
  bool json = false;
  const std::vector<Declared> declared = declare(root, json);
  const std::vector<std::string> given = arguments;
  const bool known = std::any_of(declared.begin(), declared.end(), [&](const Declared& verb) {
    return !given.empty() && given[0] == verb.verb->name;
  });
  if (!given.empty() && !given[0].starts_with("-") && !known)
    return fail_usage(root, given, fmt::format("there is no verb '{}'", given[0]), err);
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    root.parse(std::move(arguments));
  } catch (const CLI::Success& success) {  // --help, --version
    return root.exit(success, out, err);
  } catch (const CLI::ParseError& error) {
    const auto chosen = root.get_subcommands();
    return fail_usage(chosen.empty() ? root : *chosen.front(), given, error.what(), err);
  }
  Console console{out, err, json};
  for (const Declared& verb : declared) {
    if (!verb.options->parsed()) continue;
    const Result<ExitCode> result = verb.action(console);
    return result ? number(*result) : report(result.error(), console);
  }
  return number(ExitCode::usage);
}

}  // namespace pinfer
