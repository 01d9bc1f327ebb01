// SPDX-License-Identifier: Apache-2.0
// The queue and the thread of the journal.
#include "apps/journal/journal.h"

#include <pthread.h>

#include <chrono>
#include <exception>
#include <fstream>
#include <system_error>

namespace pinfer {
namespace {

// Edges that come together are one write to the disk.
constexpr Duration kGather = std::chrono::milliseconds(200);

// The wall clock's word for a moment; for people only.
std::int64_t unix_ms_of(MonotonicTime moment) noexcept {
  const Duration ago = MonotonicTime::now() - moment;
  const auto now = std::chrono::system_clock::now().time_since_epoch() - ago;
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options) {
  PINFER_TRY(Database database, open_database(options));
  std::unique_ptr<Journal> journal(new Journal(options, std::move(database)));
  journal->boot_ = boot_id();
  try {
    journal->thread_ = std::thread([self = journal.get()] { self->run(); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::internal, "cannot start the journal's thread: {}", error.what());
  }
  return journal;
}

Journal::~Journal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Journal::write(const Event& event, std::optional<JournalPicture> picture) {
  Item item{event, unix_ms_of(event.at), std::move(picture)};
  const std::lock_guard lock(mutex_);
  if (queue_.size() >= kQueue) {
    ++report_.dropped;
    return;
  }
  if (item.picture && queued_pictures_ >= kQueuedPictures) {
    item.picture.reset();
    ++report_.dropped;
  }
  if (item.picture) ++queued_pictures_;
  queue_.push_back(std::move(item));
  wake_.notify_all();
}

void Journal::flush() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return queue_.empty() && !writing_; });
}

JournalReport Journal::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void Journal::run() noexcept {
  ::pthread_setname_np(::pthread_self(), "pinfer-journal");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::deque<Item> batch;
    batch.swap(queue_);
    queued_pictures_ = 0;
    writing_ = true;
    lock.unlock();
    write_batch(batch);
    lock.lock();
    writing_ = false;
    wake_.notify_all();
    wake_.wait_for(lock, kGather, [this] { return stopping_; });
  }
}

void Journal::write_batch(std::deque<Item>& batch) {
  Result<void> result;
  try {
    result = try_batch(batch);
  } catch (const std::exception& error) {  // no memory
    result = fail(ErrorCode::over_budget, "{}: {}", options_.path, error.what());
  }
  const std::lock_guard lock(mutex_);
  if (result) {
    report_.written += batch.size();
  } else {
    report_.failed += batch.size();
    report_.error = result.error().message;
  }
}

}  // namespace pinfer
