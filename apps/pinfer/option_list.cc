// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/option_list.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

namespace pinfer {

Option& Option::required() { return option_->required(), *this; }
Option& Option::range(std::int64_t low, std::int64_t high) {
  return option_->check(CLI::Range(low, high)), *this;
}
Option& Option::real_range(double low, double high) {
  return option_->check(CLI::Range(low, high)), *this;
}
Option& Option::positive() { return option_->check(CLI::PositiveNumber), *this; }
Option& Option::one_of(const std::vector<std::string>& words) {
  return option_->check(CLI::IsMember(words)), *this;
}
Option& Option::show_default() { return option_->capture_default_str(), *this; }
Option& Option::placeholder(const char* text) { return option_->option_text(text), *this; }
Option& Option::environment(const char* name) { return option_->envname(name), *this; }
Option& Option::commas() { return option_->delimiter(','), *this; }
Option& Option::one_value_each() { return option_->allow_extra_args(false), *this; }

Option OptionList::flag(const char* name, bool& to, const char* help) {
  return Option(app_->add_flag(name, to, help));
}
Option OptionList::add(const char* name, std::string& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, int& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, std::size_t& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, double& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, std::optional<float>& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, std::vector<std::string>& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}
Option OptionList::add(const char* name, std::vector<float>& to, const char* help) {
  return Option(app_->add_option(name, to, help));
}

Option OptionList::add(const char* name, Duration& to, const char* help) {
  const std::map<std::string, double> units = {
      {"ms", 1.0}, {"s", 1e3}, {"min", 60e3}, {"h", 3600e3}};
  const std::function<void(const double&)> take = [&to](const double& milliseconds) {
    to = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double, std::milli>(milliseconds));
  };
  CLI::Option* option = app_->add_option_function(name, take, help);
  option->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED));
  return Option(option);
}

OptionList OptionList::sub_verb(const char* name, const char* help) {
  app_->require_subcommand(1);
  app_->fallthrough();
  CLI::App* sub = app_->add_subcommand(name, help);
  sub->fallthrough();
  return OptionList(*sub);
}

bool OptionList::given() const { return app_->parsed(); }

Option OptionList::add_choice(const char* name, const char* help, std::vector<std::string> words,
                              std::function<void(std::size_t)> chosen) {
  const std::function<void(const std::string&)> take = [words, chosen](const std::string& word) {
    const auto found = std::find(words.begin(), words.end(), word);
    chosen(static_cast<std::size_t>(found - words.begin()));  // checked below
  };
  Option option(app_->add_option_function(name, take, help));
  option.one_of(words);
  return option;
}

}  // namespace pinfer
