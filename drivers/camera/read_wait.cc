// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/read_wait.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace pinfer {
namespace {

// Locks and page faults sleep too, but not for so long.
constexpr Duration kWaited = std::chrono::microseconds(500);

}  // namespace

void ReadWait::start() noexcept {
  if (!opened_) file_.reset(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  opened_ = true;
  before_ = counts();
  started_ = MonotonicTime::now();
}

Arrival ReadWait::end(MonotonicTime now) const noexcept {
  const Counts after = counts();
  if (!before_.known || !after.known) return {};
  const Duration ready = after.ready - before_.ready;
  const Duration slept = now - started_ - (after.run - before_.run) - ready;
  // What came while it slept may have been there for as long as the thread then was ready.
  return {.waited = slept >= kWaited, .late = ready};
}

ReadWait::Counts ReadWait::counts() const noexcept {
  std::array<char, 64> text{};
  const ssize_t size = file_.valid() ? ::pread(file_.get(), text.data(), text.size(), 0) : -1;
  if (size <= 0) return {};
  std::int64_t run = 0, ready = 0;
  const char* const end = text.data() + size;
  const auto [space, first] = std::from_chars(text.data(), end, run);
  if (first != std::errc() || space == end) return {};
  if (std::from_chars(space + 1, end, ready).ec != std::errc()) return {};
  return {.known = true, .run = Duration(run), .ready = Duration(ready)};
}

}  // namespace pinfer
