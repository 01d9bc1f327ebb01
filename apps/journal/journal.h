// SPDX-License-Identifier: Apache-2.0
// Journal: keeps events on disk, from a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/journal/database.h"
#include "apps/pipeline/events.h"
#include "drivers/camera/frame_source.h"
#include "runtime/core/result.h"

namespace pinfer {

inline constexpr std::uint64_t kDefaultJournalBytes = 64u << 20;
inline constexpr std::uint64_t kMinJournalBytes = 2u << 20;

struct JournalOptions {
  std::string path;
  std::uint64_t max_bytes = kDefaultJournalBytes;  // of the file and its WAL, >= kMinJournalBytes
};

// A picture with its bytes.
struct JournalPicture {
  std::vector<std::uint8_t> bytes;
  Frame frame;  // data is ignored
};

struct JournalReport {
  std::uint64_t written = 0;  // entries on the disk
  std::uint64_t dropped = 0;  // entries and pictures that did not fit into the queue
  std::uint64_t failed = 0;   // entries that the disk did not take
  std::string error;          // of the latest failure
};

class Journal final {
 public:
  static constexpr std::size_t kQueue = 256;
  static constexpr std::size_t kQueuedPictures = 8;

  // Makes the file, or sets a damaged one aside and makes a new one. Errors: io, refused, not_found
  // (no such folder), internal (no thread).
  static Result<std::unique_ptr<Journal>> open(const JournalOptions& options);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();  // writes what waits

  // Does not wait for the disk. One thread calls it.
  void write(const Event& event, std::optional<JournalPicture> picture);
  // Waits until everything written so far is on the disk, or has failed.
  void flush();
  [[nodiscard]] JournalReport report() const;

 private:
  struct Item {
    Event event;
    std::int64_t unix_ms = 0;  // of the event
    std::optional<JournalPicture> picture;
  };

  Journal(JournalOptions options, Database database)
      : options_(std::move(options)), database_(std::move(database)) {}
  void run() noexcept;
  void write_batch(std::deque<Item>& batch);

  // journal_write.cc; on the thread.
  static Result<Database> open_database(const JournalOptions& options);
  static Result<Database> prepare_database(const JournalOptions& options);
  Result<void> try_batch(const std::deque<Item>& batch);
  Result<void> insert(Statement& statement, const Item& item) const;
  Result<void> make_room(bool urgent);

  JournalOptions options_;
  std::optional<Database> database_;  // belongs to the thread
  std::string boot_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  // something waits, or has been written
  std::deque<Item> queue_;
  std::size_t queued_pictures_ = 0;
  bool writing_ = false;
  bool stopping_ = false;
  JournalReport report_;
  std::thread thread_;
};

// The number of this run of the machine; empty where the kernel tells none.
std::string boot_id();

}  // namespace pinfer
