// SPDX-License-Identifier: Apache-2.0
// EnvironmentVariable: another value for as long as it lives. Not while other threads run.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace pinfer::test {

class EnvironmentVariable final {
 public:
  // Null: not set.
  EnvironmentVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name); before != nullptr) before_ = before;
    set(value);
  }
  ~EnvironmentVariable() { set(before_ ? before_->c_str() : nullptr); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  void set(const char* value) const {
    if (value == nullptr)
      ::unsetenv(name_);
    else
      ::setenv(name_, value, 1);
  }

  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace pinfer::test
