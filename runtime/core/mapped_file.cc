// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/core/unique_fd.h"

namespace pinfer {

Result<MappedFile> MappedFile::open(const std::string& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a FIFO by mistake must not hang; it has no effect on a regular file.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io;
    return fail(code, "{}: cannot open: {}", path, std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0)
    return fail(ErrorCode::io, "{}: cannot stat: {}", path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return fail(ErrorCode::io, "{}: not a regular file", path);
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > max_bytes)
    return fail(ErrorCode::over_budget, "{}: {} bytes, the limit is {}", path, size, max_bytes);
  MappedFile file;
  if (size == 0) return file;
  void* memory =
      ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (memory == MAP_FAILED)
    return fail(ErrorCode::io, "{}: cannot map: {}", path, std::strerror(errno));
  file.data_ = static_cast<const std::byte*>(memory);
  file.size_ = static_cast<std::size_t>(size);
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void MappedFile::drop(std::span<const std::byte> part) const noexcept {
  const auto first = reinterpret_cast<std::uintptr_t>(part.data()), end = first + part.size();
  const auto from = reinterpret_cast<std::uintptr_t>(data_);
  if (data_ == nullptr || first < from || end < first || end > from + size_) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t low = (first + page - 1) / page * page, high = end / page * page;
  // A failure costs memory, nothing else.
  if (low < high)
    static_cast<void>(
        ::madvise(const_cast<std::byte*>(data_) + (low - from), high - low, MADV_DONTNEED));
}

MappedFile::~MappedFile() {
  // munmap takes a mutable pointer but writes nothing.
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace pinfer
