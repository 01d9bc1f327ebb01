// SPDX-License-Identifier: Apache-2.0
// The journal's table. A change of it needs a new version; a file of another version is set aside.
#pragma once

namespace pinfer {

inline constexpr int kJournalVersion = 1;

// Times in what their names say; `boot` and `uptime_ns` order entries of one run of the machine,
// whatever its clock says.
inline constexpr const char* kJournalTable = R"(
CREATE TABLE IF NOT EXISTS entries(
  id INTEGER PRIMARY KEY,
  unix_ms INTEGER NOT NULL,
  boot TEXT NOT NULL,
  uptime_ns INTEGER NOT NULL,
  kind TEXT NOT NULL,
  output TEXT NOT NULL,
  active INTEGER NOT NULL,
  cause TEXT NOT NULL,
  rule TEXT NOT NULL,
  reason TEXT NOT NULL,
  timed INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  age_ns INTEGER NOT NULL,
  scores TEXT NOT NULL,
  model TEXT NOT NULL,
  lease_ms INTEGER NOT NULL,
  brightness REAL,
  sharpness REAL,
  change REAL,
  picture BLOB);
CREATE INDEX IF NOT EXISTS entries_by_output ON entries(output, id);
)";

}  // namespace pinfer
