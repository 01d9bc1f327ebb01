// SPDX-License-Identifier: Apache-2.0
// Child processes and a folder of their own, for tests that kill them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/guard/limits.h"
#include "runtime/core/clock.h"

namespace pinfer::testing {

// A folder under the system's temporary one, removed with all it holds.
class TempFolder final {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A path under which `binary` runs here: itself, or in a cross build a script that starts it under
// the emulator.
std::string runnable(const TempFolder& folder, const std::string& binary);

// Killed with SIGKILL and reaped when it goes out of scope.
class Child final {
 public:
  // Runs a program with the given arguments and, besides the parent's, environment ("NAME=value").
  static Child run(const std::vector<std::string>& command,
                   const std::vector<std::string>& environment = {});

  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // The exit code, 128 + signal, or nothing when it still runs after `timeout`.
  std::optional<int> wait(Duration timeout);

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

void sleep_for(Duration duration);

// Asks `condition` every half millisecond until it holds or `timeout` has passed.
template <class Condition>
bool eventually(Condition condition, Duration timeout = std::chrono::seconds(5)) {
  const MonotonicTime end = MonotonicTime::now() + timeout;
  while (!condition()) {
    if (MonotonicTime::now() > end) return false;
    sleep_for(std::chrono::microseconds(500));
  }
  return true;
}

// What a run is told to do by its environment, such as PINFER_KILLS=10000.
int number_from(const char* variable, int otherwise);

// A line of a memory chip, active high, safe when inactive.
LineSpec memory_line(std::string_view name, std::string_view chip, std::uint32_t offset);

}  // namespace pinfer::testing
