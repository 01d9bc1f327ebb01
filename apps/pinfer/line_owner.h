// SPDX-License-Identifier: Apache-2.0
// LineOwner: a process of its own that holds one output line for a test by hand.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>

#include "drivers/output/output_spec.h"
#include "runtime/core/clock.h"
#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

// The line ends at its safe level whichever of the two processes dies: when this one goes, however
// it dies, the owner drives the safe level and ends; when the owner is killed, this one opens the
// line again and drives it. An owner that hears nothing for kMaxSilence drives the safe level too.
class LineOwner final {
 public:
  static constexpr Duration kMaxSilence = std::chrono::seconds(10);

  // Starts the owner, which opens the line at its safe level. Errors: those of create_output();
  // refused when somebody else holds the line.
  static Result<LineOwner> start(const OutputSpec& spec);

  LineOwner(LineOwner&& other) noexcept;
  LineOwner& operator=(LineOwner&&) = delete;
  ~LineOwner();

  // Drives a logical level; returns the one that the line reads then. Error io: the owner has died,
  // or the line cannot be driven.
  Result<bool> set(bool active);

  // Kills the owner as a crash would (SIGKILL) and waits for its end. Returns when that was.
  MonotonicTime kill() noexcept;

  // Ends the owner, kills it when it does not, and makes sure of the safe level: a killed owner's
  // line is opened again. Errors: those of create_output(): the line may be at any level.
  Result<void> finish();

 private:
  LineOwner(const OutputSpec& spec, pid_t pid, UniqueFd socket) noexcept
      : spec_(spec), pid_(pid), socket_(std::move(socket)) {}

  OutputSpec spec_;
  pid_t pid_ = -1;
  UniqueFd socket_;
  bool killed_ = false;
};

// While it lives, Ctrl-C, Ctrl-Z and polite requests to end only wake pause(). For the main thread
// of a program that has no other threads.
class Interruption final {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // Waits; true as soon as somebody wants the program to end, also before this call.
  bool pause(Duration time);

 private:
  sigset_t signals_{};
  sigset_t before_{};
  bool wanted_ = false;
};

}  // namespace pinfer
