// SPDX-License-Identifier: Apache-2.0
// OptionList: what a verb declares. CLI11 parses them; its header costs seconds in each file that
// includes it, so only option_list.cc, cli.cc and completion.cc do.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/clock.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace pinfer {

// One declared option, for what else there is to say about it.
class Option final {
 public:
  explicit Option(CLI::Option* option) noexcept : option_(option) {}

  Option& required();
  // Inclusive; the error names both.
  Option& range(std::int64_t low, std::int64_t high);
  Option& real_range(double low, double high);
  Option& positive();
  Option& one_of(const std::vector<std::string>& words);
  Option& show_default();                 // its present value, in --help
  Option& placeholder(const char* text);  // in --help, instead of the type
  Option& environment(const char* name);  // what is not given comes from there
  Option& commas();                       // a list is one word: a,b,c
  Option& one_value_each();               // a list gets one value for each time it is given

 private:
  CLI::Option* option_;
};

// The options of one verb. Variables must outlive the parsing. A name without dashes is a
// positional argument.
class OptionList final {
 public:
  explicit OptionList(CLI::App& app) noexcept : app_(&app) {}

  Option flag(const char* name, bool& to, const char* help);

  Option add(const char* name, std::string& to, const char* help);
  Option add(const char* name, int& to, const char* help);
  Option add(const char* name, std::size_t& to, const char* help);
  Option add(const char* name, double& to, const char* help);
  Option add(const char* name, std::optional<float>& to, const char* help);
  Option add(const char* name, std::vector<std::string>& to, const char* help);
  Option add(const char* name, std::vector<float>& to, const char* help);

  // A number with a unit: 250ms, 10s, 2min, 1h.
  Option add(const char* name, Duration& to, const char* help);

  // A verb of the verb, with options of its own; one of them must be given.
  OptionList sub_verb(const char* name, const char* help);
  // After parsing: whether this one was.
  [[nodiscard]] bool given() const;

  // One word of a few, each with its value.
  template <class Value, class To>
  Option choice(const char* name, To& to, const char* help,
                std::initializer_list<std::pair<const char*, Value>> choices) {
    std::vector<std::string> words;
    std::vector<Value> values;
    for (const auto& [word, value] : choices) {
      words.emplace_back(word);
      values.push_back(value);
    }
    return add_choice(name, help, std::move(words),
                      [&to, values = std::move(values)](std::size_t i) { to = values[i]; });
  }

  // CLI11's own, for the verb that lists all options.
  [[nodiscard]] CLI::App& app() const noexcept { return *app_; }

 private:
  Option add_choice(const char* name, const char* help, std::vector<std::string> words,
                    std::function<void(std::size_t)> chosen);

  CLI::App* app_;
};

}  // namespace pinfer
