// SPDX-License-Identifier: Apache-2.0
// pipe: motion JPEG from a named pipe that another program fills.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>

#include "drivers/camera/capture_time.h"
#include "drivers/camera/jpeg_splitter.h"
#include "drivers/camera/picture.h"
#include "drivers/camera/sources.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

Error open_error(const std::string& path, int error) {
  if (error == ENOENT)
    return {ErrorCode::not_found,
            fmt::format("{0}: no such named pipe; `mkfifo {0}` makes one", path)};
  if (error == EACCES)
    return {ErrorCode::refused, fmt::format("{}: no permission to read it", path)};
  return {ErrorCode::io, fmt::format("{}: {}", path, std::strerror(error))};
}

// True when there is something to read, or to find out, before `deadline`.
bool wait_for(int fd, MonotonicTime deadline) noexcept {
  pollfd ready{fd, POLLIN, 0};
  const Duration left = std::max(deadline - MonotonicTime::now(), Duration::zero());
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return ::poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(ms, 1000))) > 0;
}

class PipeSource final : public FrameSource {
 public:
  PipeSource(UniqueFd pipe, const std::string& path)
      : pipe_(std::move(pipe)), description_("pipe " + path) {}

  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    try {
      return next_picture(frame, deadline);
    } catch (const std::exception&) {  // no memory
      return Status::backend_fault;
    }
  }
  [[nodiscard]] bool is_replay() const noexcept override { return false; }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  Status next_picture(Frame& frame, MonotonicTime deadline) {
    for (;;) {
      const std::uint64_t damaged = splitter_.damaged();
      const Status status = read_some();
      if (status == Status::ok) return status_of_newest(frame);
      if (status != Status::timeout) return status;
      if (splitter_.damaged() != damaged) return Status::bad_value;
      if (!wait_for(pipe_.get(), deadline) && MonotonicTime::now() >= deadline)
        return Status::timeout;
    }
  }

  // Takes what is in the pipe. ok: newest_ is a new picture; timeout: none is complete yet.
  Status read_some() {
    constexpr int kMaxReads = 256;  // a writer that never pauses must not keep us here
    bool found = false;
    for (int i = 0; i < kMaxReads; ++i) {
      const ssize_t got = read_chunk();
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno != EAGAIN) return Status::backend_fault;
      if (got == 0 && !found) return Status::backend_fault;  // no writer is left
      if (got <= 0) break;
      splitter_.fill(static_cast<std::size_t>(got));
      while (const auto picture = splitter_.next()) {
        newest_.assign(picture->begin(), picture->end());
        ++sequence_;
        found = true;
      }
    }
    return found ? Status::ok : Status::timeout;
  }

  ssize_t read_chunk() {
    const std::span<std::byte> room = splitter_.room();
    return ::read(pipe_.get(), room.data(), room.size());
  }

  Status status_of_newest(Frame& frame) {
    const MonotonicTime taken = arrivals_.captured_at(MonotonicTime::now());
    auto picture = decode_picture(newest_, description_);
    if (!picture) return Status::bad_value;
    picture_ = std::move(*picture);
    frame = picture_.view();
    frame.sequence = sequence_;
    frame.captured_at = taken;
    return Status::ok;
  }

  UniqueFd pipe_;
  std::string description_;
  JpegSplitter splitter_;
  std::vector<std::byte> newest_;
  Picture picture_;
  ArrivalClock arrivals_;
  std::uint64_t sequence_ = 0;
};

// Opening a pipe to read waits for a writer for ever, unless it does not block at all; then it is
// the first bytes that tell that there is one.
Result<std::unique_ptr<FrameSource>> create_pipe(const SourceAddress& address,
                                                 const SourceSpec& /*spec*/) {
  constexpr Duration kPatience = std::chrono::seconds(1);
  const std::string& path = address.location;
  UniqueFd pipe(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!pipe.valid()) return tl::unexpected(open_error(path, errno));
  struct stat about {};
  if (::fstat(pipe.get(), &about) != 0 || !S_ISFIFO(about.st_mode))
    return fail(ErrorCode::invalid_argument, "{}: not a named pipe", path);
  if (!wait_for(pipe.get(), MonotonicTime::now() + kPatience))
    return fail(ErrorCode::unavailable, "{}: no program writes to this pipe", path);
  return std::make_unique<PipeSource>(std::move(pipe), path);
}

}  // namespace

extern const CameraSource pipe_source;
const CameraSource pipe_source = {
    .kind = SourceKind::pipe,
    .name = "pipe",
    .summary = "pipe:///run/camera.mjpeg - a named pipe that another program writes JPEGs to",
    .create = create_pipe};

}  // namespace pinfer
