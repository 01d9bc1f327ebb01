// SPDX-License-Identifier: Apache-2.0
// The table on disk: which lines a guard claims when it starts again, before any client is there.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apps/guard/lease_table.h"
#include "runtime/core/result.h"

namespace pinfer {

struct SavedLine {
  OutputSpec spec;
  ClientName client;

  friend bool operator==(const SavedLine&, const SavedLine&) = default;
};
using SavedTable = FixedVector<SavedLine, kMaxLines>;

// Atomic: readers see the old table or the new one.
Result<void> save_table(const std::string& path, const SavedTable& table);

// No file: an empty table. A damaged one: io.
Result<SavedTable> load_table(const std::string& path);

// Saves tables on a thread of its own: an fsync can take longer than a lease, and the guard's loop
// must not wait for it. Only the newest table counts.
class TableWriter final {
 public:
  // `on_error` is called on the writer's thread.
  TableWriter(std::string path, std::function<void(const Error&)> on_error);
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  ~TableWriter();  // after the last table has been written

  void submit(const SavedTable& table);

 private:
  void run();

  std::string path_;
  std::function<void(const Error&)> on_error_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<SavedTable> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pinfer
