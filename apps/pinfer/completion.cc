// SPDX-License-Identifier: Apache-2.0
// pinfer completion bash|zsh: a completion script, made from the declared options.
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/pinfer/verb.h"

namespace pinfer {
namespace {

std::vector<std::string> long_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<const CLI::App*> verbs_of(const CLI::App& root) {
  const auto found = root.get_subcommands([](const CLI::App*) { return true; });
  return {found.begin(), found.end()};
}

// What may follow a verb: verbs of its own, its options and theirs.
std::vector<std::string> words_after(const CLI::App& verb) {
  std::vector<std::string> words;
  for (const CLI::App* sub : verbs_of(verb)) words.push_back(sub->get_name());
  for (std::string& name : long_options(verb)) words.push_back(std::move(name));
  for (const CLI::App* sub : verbs_of(verb))
    for (std::string& name : long_options(*sub))
      if (std::find(words.begin(), words.end(), name) == words.end())
        words.push_back(std::move(name));
  return words;
}

void print_bash(const CLI::App& root, std::ostream& out) {
  std::vector<std::string> names;
  for (const CLI::App* verb : verbs_of(root)) names.push_back(verb->get_name());
  fmt::print(out,
             "# bash completion for pinfer; put it into /etc/bash_completion.d or run\n"
             "#   source <(pinfer completion bash)\n"
             "_pinfer() {{\n"
             "  local word=${{COMP_WORDS[COMP_CWORD]}} words\n"
             "  if ((COMP_CWORD == 1)); then\n"
             "    words=\"{} --help --version\"\n"
             "  else\n"
             "    case ${{COMP_WORDS[1]}} in\n",
             fmt::join(names, " "));
  for (const CLI::App* verb : verbs_of(root))
    fmt::print(out, "      {}) words=\"{}\" ;;\n", verb->get_name(),
               fmt::join(words_after(*verb), " "));
  fmt::print(out,
             "    esac\n"
             "  fi\n"
             "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
             "  if [[ $word != -* ]] && ((COMP_CWORD > 1)); then\n"
             "    COMPREPLY+=($(compgen -f -- \"$word\"))\n"
             "  fi\n"
             "}}\n"
             "complete -o filenames -F _pinfer pinfer\n");
}

// Text inside '...' of zsh, where [ ] and : have a meaning of their own.
std::string zsh_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
      result += c == '\n' ? ' ' : c;
    }
  }
  return result;
}

void print_zsh_options(const CLI::App& verb, std::ostream& out) {
  for (const CLI::Option* option : verb.get_options())
    for (const std::string& name : option->get_lnames())
      fmt::print(out, " '--{}[{}]{}'", name, zsh_text(option->get_description()),
                 option->get_type_size() == 0 ? "" : ":value:_files");
}

void print_zsh(const CLI::App& root, std::ostream& out) {
  fmt::print(out,
             "#compdef pinfer\n"
             "# zsh completion for pinfer; put it as _pinfer into a folder of $fpath\n"
             "_pinfer() {{\n"
             "  local -a verbs=(\n");
  for (const CLI::App* verb : verbs_of(root))
    fmt::print(out, "    '{}:{}'\n", verb->get_name(), zsh_text(verb->get_description()));
  fmt::print(out,
             "  )\n"
             "  if ((CURRENT == 2)); then _describe verb verbs; return; fi\n"
             "  case $words[2] in\n");
  for (const CLI::App* verb : verbs_of(root)) {
    fmt::print(out, "    {}) _arguments", verb->get_name());
    print_zsh_options(*verb, out);
    std::vector<std::string> names;
    for (const CLI::App* sub : verbs_of(*verb)) {
      print_zsh_options(*sub, out);
      names.push_back(sub->get_name());
    }
    if (!names.empty()) fmt::print(out, " '1:verb:({})'", fmt::join(names, " "));
    fmt::print(out, " '*:file:_files' ;;\n");
  }
  fmt::print(out, "  esac\n}}\n_pinfer \"$@\"\n");
}

Action declare(OptionList& options) {
  const auto shell = std::make_shared<std::string>();
  options.add("SHELL", *shell, "bash or zsh").required().one_of({"bash", "zsh"});
  const CLI::App* root = options.app().get_parent();
  return [shell, root](Console& console) -> Result<ExitCode> {
    if (*shell == "bash")
      print_bash(*root, console.out);
    else
      print_zsh(*root, console.out);
    return ExitCode::ok;
  };
}

}  // namespace

extern const Verb completion_verb;
const Verb completion_verb{.name = "completion",
                           .summary = "print a completion script for a shell",
                           .examples =
                               "  source <(pinfer completion bash)\n"
                               "  pinfer completion zsh > ~/.zfunc/_pinfer\n",
                           .declare = declare};

}  // namespace pinfer
