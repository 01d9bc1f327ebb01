// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "runtime/core/mapped_file.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

// Removes the temporary file unless the rename went through.
struct RemoveOnFailure {
  const std::string& path;
  bool armed = true;
  ~RemoveOnFailure() {
    if (armed) ::unlink(path.c_str());
  }
};

Result<void> write_all(int fd, std::span<const std::byte> data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return fail(ErrorCode::io, "{}: cannot write: {}", path, std::strerror(errno));
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Best effort: some file systems refuse fsync on folders, and the data itself is already safe.
  if (fd.valid()) static_cast<void>(::fsync(fd.get()));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, max_bytes));
  const auto bytes = file.span();
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<void> write_file_atomically(const std::string& path, std::span<const std::byte> data) {
  const std::string temporary = fmt::format("{}.tmp-{}", path, ::getpid());
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid())
    return fail(ErrorCode::io, "{}: cannot create: {}", temporary, std::strerror(errno));
  RemoveOnFailure guard{temporary};
  PINFER_CHECK(write_all(fd.get(), data, temporary));
  if (::fsync(fd.get()) != 0 || ::close(fd.release()) != 0)
    return fail(ErrorCode::io, "{}: cannot write: {}", temporary, std::strerror(errno));
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return fail(ErrorCode::io, "{}: cannot rename to {}: {}", temporary, path,
                std::strerror(errno));
  guard.armed = false;
  sync_folder_of(path);
  return {};
}

Result<void> write_file_atomically(const std::string& path, std::string_view text) {
  return write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace pinfer
