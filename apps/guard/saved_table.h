// SPDX-License-Identifier: Apache-2.0
// The table on disk: which lines a guard claims when it starts again, before any client is there,
// and whether the e-stop is latched.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "apps/guard/lease_table.h"
#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

struct SavedLine {
  LineSpec spec;
  ClientName client;

  friend bool operator==(const SavedLine&, const SavedLine&) = default;
};

struct SavedTable {
  FixedVector<SavedLine, kMaxLines> lines;
  std::optional<SavedLine> estop;  // the e-stop line
  bool estop_latched = false;

  friend bool operator==(const SavedTable&, const SavedTable&) = default;
};

// Atomic: readers see the old table or the new one.
Result<void> save_table(const std::string& path, const SavedTable& table);

// No file: an empty table. A damaged one: io.
Result<SavedTable> load_table(const std::string& path);

// Saves tables on a thread of its own: an fsync can take longer than a lease, and the guard's loop
// must not wait for it. Only the newest table counts.
class TableWriter final {
 public:
  // `on_error` is called on the writer's thread.
  static Result<std::unique_ptr<TableWriter>> create(std::string path,
                                                     std::function<void(const Error&)> on_error);
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;
  ~TableWriter();  // after the last table has been written

  void submit(const SavedTable& table);
  // True when nothing waits: the newest table is on the disk, or on_error() has said why not.
  [[nodiscard]] bool idle() const;
  // Readable when idle() may have become true; for epoll. take_event() makes it quiet again.
  [[nodiscard]] int fd() const noexcept { return event_.get(); }
  void take_event() const noexcept;

 private:
  TableWriter(std::string path, std::function<void(const Error&)> on_error, UniqueFd event);
  void run();

  std::string path_;
  std::function<void(const Error&)> on_error_;
  UniqueFd event_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<SavedTable> waiting_;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pinfer
