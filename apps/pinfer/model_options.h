// SPDX-License-Identifier: Apache-2.0
// ModelOptions: the options that every verb with a model has, and opening it with them.
#pragma once

#include <string>

#include "apps/pinfer/option_list.h"
#include "runtime/session/session.h"

namespace pinfer {

struct ModelOptions {
  std::string path;
  int threads = 1;
  std::string backend = "cpu";
  std::string cache;
  ArmnnOptions armnn;
  std::string isa = "auto";
  bool no_passes = false;
  bool profile = false;

  // Declares MODEL, --threads, --backend and what belongs to it, --isa, --no-passes.
  // `this` must outlive the parsing.
  void declare(OptionList& options);
  [[nodiscard]] Result<std::shared_ptr<const Model>> load() const;
  // Error invalid_argument: an unknown instruction set.
  [[nodiscard]] Result<SessionOptions> session_options() const;
  [[nodiscard]] Result<Session> open() const;
};

// A row of the profile: all steps of one operator and kernel. Sorted by time, longest first.
struct ProfileRow {
  std::string_view op, kernel;
  int steps = 0;
  std::int64_t macs = 0;
  Duration total{0};
};
std::vector<ProfileRow> profile_of(const Session& session);

}  // namespace pinfer
