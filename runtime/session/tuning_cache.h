// SPDX-License-Identifier: Apache-2.0
// TuningCache: what a tuning chose and what it measured, kept in a folder for the next start.
//
// One small text file a key, "<folder>/tuning-0123456789abcdef.txt". The key names everything the
// choice depends on, so a changed net, machine or library finds nothing. A file that is cut or
// changed counts as none: nothing here is an error of who asks, a cache only saves time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/session/tuning.h"

namespace pinfer {

struct Choice {
  std::string backend;
  int threads = 1;
  std::string why;  // explain() of the tuning
};

Choice choice_of(const Tuning& tuning);
// Three lines, for a pipe, and back; nullopt for every other text.
std::string to_text(const Choice& choice);
std::optional<Choice> parse_choice(std::string_view text);

// Lines: this version of Pinfer, the machine (a name that the caller has for it), its instruction
// sets and threads, the net's bytes, and each backend with what it runs on.
std::string tuning_key(const Model& model, const TuningOptions& options, std::string_view machine);
// The line of the key that names the net.
std::string net_line(const Model& model);

// A tuning as it was kept.
struct KeptTuning {
  std::string key;
  Tuning tuning;
  std::int64_t measured_at = 0;  // of the file: seconds since 1970 by the clock of that moment
};

// The whole file, and back but for its time; nullopt for every other text.
std::string to_text(std::string_view key, const Tuning& tuning);
std::optional<KeptTuning> parse_kept(std::string_view text);

class TuningCache final {
 public:
  explicit TuningCache(std::string folder) : folder_(std::move(folder)) {}  // empty: keeps nothing

  [[nodiscard]] std::optional<KeptTuning> find(std::string_view key) const;
  // All that are whole, the newest first. Errors: io, not_found: the folder or a file in it cannot
  // be read.
  [[nodiscard]] Result<std::vector<KeptTuning>> all() const;
  Result<void> keep(std::string_view key, const Tuning& tuning) const;
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  std::string folder_;
};

}  // namespace pinfer
