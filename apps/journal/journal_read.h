// SPDX-License-Identifier: Apache-2.0
// Reading the journal, also while a daemon writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/clock.h"
#include "runtime/core/result.h"

namespace pinfer {

struct JournalScore {
  std::int64_t class_id = 0;
  std::string label;  // empty: the model has none
  double score = 0.0;
};

struct JournalImage {
  double brightness = 0.0, sharpness = 0.0, change = 0.0;
};

struct JournalEntry {
  std::int64_t id = 0;
  std::int64_t unix_ms = 0;
  bool this_boot = false;  // since the machine started last
  Duration uptime{};       // of the machine, at the event
  std::string kind, output, cause, rule, reason, model;
  bool active = false, timed = false;
  std::int64_t sequence = 0;
  Duration age{}, lease{};
  std::vector<JournalScore> scores;
  std::optional<JournalImage> image;
  bool has_picture = false;
};

struct JournalQuery {
  std::string output{};             // empty: all
  bool edges_only = true;           // else also when outputs were withheld, and views
  std::optional<Duration> since{};  // back from now
  std::size_t last = 0;             // at most so many, the newest; 0: all
};

// Oldest first. Errors: not_found (no journal there), refused, io.
Result<std::vector<JournalEntry>> read_journal(const std::string& path, const JournalQuery& query);

// The JPEG of an entry. Errors besides: not_found.
Result<std::string> read_journal_picture(const std::string& path, std::int64_t id);

}  // namespace pinfer
