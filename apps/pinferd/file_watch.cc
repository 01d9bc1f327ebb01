// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace pinfer {

Result<FileWatch> FileWatch::create(const std::string& path) {
  FileWatch watch;
  const std::filesystem::path file(path);
  watch.name_ = file.filename().string();
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  watch.inotify_.reset(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO;
  if (!watch.inotify_.valid() ||
      ::inotify_add_watch(watch.inotify_.get(), folder.c_str(), kChanges) < 0)
    return fail(ErrorCode::io, "{}: cannot watch for changes: {}", folder, std::strerror(errno));
  return watch;
}

bool FileWatch::read_changes() noexcept {
  bool changed = false;
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size <= 0) return changed;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      if ((event->mask & IN_Q_OVERFLOW) != 0) changed = true;
      if (event->len > 0 && name_ == event->name) changed = true;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace pinfer
