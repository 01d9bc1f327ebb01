// SPDX-License-Identifier: Apache-2.0
#include "drivers/output/memory_chip.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace pinfer {
namespace {

constexpr std::string_view kDefaultFolder = "/run/pinfer";

// Acquire: the sequence is read again after every field.
template <class T>
T load(const T& field) noexcept {
  return std::atomic_ref<T>(const_cast<T&>(field)).load(std::memory_order_acquire);
}

struct Snapshot {
  std::uint32_t flags;
  std::uint64_t edges;
  std::int64_t changed_at;
  std::uint32_t owner_pid;
  std::array<char, 32> name;
  bool owned;
};

struct flock lock_of(std::uint32_t offset, MemoryLineByte byte) noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(sizeof(MemoryLineRecord)) * (1 + static_cast<off_t>(offset)) +
                 static_cast<off_t>(byte);
  lock.l_len = 1;
  return lock;
}

bool is_driven(int fd, std::uint32_t offset) noexcept {
  struct flock lock = lock_of(offset, MemoryLineByte::driven);
  return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

constexpr int kSpins = 100;     // then the reader sleeps between its tries:
constexpr int kTries = 10'000;  // the owner may have lost its processor in the middle of a write
constexpr Duration kPause = std::chrono::microseconds(100);

// A sequence-lock read. An owner that died while it wrote leaves the sequence odd for good: that
// does not matter, because a line without an owner shows its safe level. One that was stopped there
// is read as it is after a second.
//
// Who drives the line is asked first, in a system call that no change of a busy owner may have to
// wait for: an heir that comes in between has driven the safe level before it owns the line, so
// what is shown is what was true at one of the two moments.
Snapshot take_snapshot(const MemoryLineRecord& record, int fd, std::uint32_t offset) noexcept {
  Snapshot snapshot{};
  for (int round = 0; round < kTries; ++round) {
    if (round >= kSpins) std::this_thread::sleep_for(kPause);
    const bool owned = is_driven(fd, offset);
    const std::uint32_t before = load(record.sequence);
    snapshot = {load(record.flags),     load(record.edges), load(record.changed_at),
                load(record.owner_pid), record.name,        owned};
    if (!owned || (before % 2 == 0 && load(record.sequence) == before)) break;
  }
  return snapshot;
}

// Makes the header of a new file, or checks the one that is there. The caller holds the file's
// lock.
Result<void> make_or_check_header(const std::string& path, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0)
    return fail(ErrorCode::io, "{}: cannot look at the memory chip: {}", path,
                std::strerror(errno));
  if (info.st_size == 0) {
    MemoryChipFile empty{};
    empty.magic = kMemoryChipMagic;
    empty.version = kMemoryChipVersion;
    empty.lines = kMemoryChipLines;
    if (::pwrite(fd, &empty, sizeof(empty), 0) != static_cast<ssize_t>(sizeof(empty)))
      return fail(ErrorCode::io, "{}: cannot write the memory chip: {}", path,
                  std::strerror(errno));
  }
  return {};
}

}  // namespace

std::string memory_chip_path(std::string_view chip) {
  if (chip.starts_with('/')) return std::string(chip);
  const char* folder = std::getenv("PINFER_MEMORY_DIR");
  const std::string_view place =
      folder != nullptr && *folder != '\0' ? std::string_view(folder) : kDefaultFolder;
  return fmt::format("{}/memory-{}", place, chip);
}

Result<bool> lock_memory_line(int fd, std::uint32_t offset, MemoryLineByte byte) {
  struct flock lock = lock_of(offset, byte);
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return fail(ErrorCode::io, "cannot lock line {} of a memory chip: {}", offset,
              std::strerror(errno));
}

Result<UniqueFd> open_memory_chip_file(const std::string& path, bool writable) {
  const int flags = writable ? O_RDWR | O_CREAT : O_RDONLY;
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
  if (!fd.valid()) {
    const bool missing = errno == ENOENT;
    if (missing && !writable)
      return fail(ErrorCode::not_found, "{}: there is no such memory chip: nobody drives it yet",
                  path);
    return fail(missing ? ErrorCode::not_found : ErrorCode::io,
                "{}: cannot open the memory chip: {}{}", path, std::strerror(errno),
                missing ? "; make the folder, or name another in PINFER_MEMORY_DIR" : "");
  }
  if (!writable) return fd;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = sizeof(MemoryLineRecord);  // the header: held only while it is made
  if (::fcntl(fd.get(), F_OFD_SETLKW, &lock) != 0)
    return fail(ErrorCode::io, "{}: cannot lock the memory chip: {}", path, std::strerror(errno));
  const auto made = make_or_check_header(path, fd.get());
  lock.l_type = F_UNLCK;
  static_cast<void>(::fcntl(fd.get(), F_OFD_SETLK, &lock));
  PINFER_CHECK(made);
  return fd;
}

Result<MemoryChipFile*> map_memory_chip_file(const std::string& path, int fd, bool writable) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<std::uint64_t>(info.st_size) != sizeof(MemoryChipFile))
    return fail(ErrorCode::io, "{}: not a memory chip; remove the file or name another chip", path);
  const int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* memory = ::mmap(nullptr, sizeof(MemoryChipFile), protection, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    return fail(ErrorCode::io, "{}: cannot map the memory chip: {}", path, std::strerror(errno));
  auto* file = static_cast<MemoryChipFile*>(memory);
  if (file->magic != kMemoryChipMagic || file->version != kMemoryChipVersion ||
      file->lines != kMemoryChipLines) {
    ::munmap(memory, sizeof(MemoryChipFile));
    return fail(ErrorCode::io,
                "{}: not a memory chip of this version; remove the file or name another chip",
                path);
  }
  return file;
}

Result<MemoryChip> MemoryChip::open(const std::string& path) {
  MemoryChip chip;
  PINFER_TRY(chip.fd_, open_memory_chip_file(path, false));
  PINFER_TRY(chip.file_, map_memory_chip_file(path, chip.fd_.get(), false));
  return chip;
}

MemoryChip::MemoryChip(MemoryChip&& other) noexcept
    : fd_(std::move(other.fd_)), file_(std::exchange(other.file_, nullptr)) {}

MemoryChip& MemoryChip::operator=(MemoryChip&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(file_, other.file_);
  return *this;
}

MemoryChip::~MemoryChip() {
  if (file_ != nullptr) ::munmap(file_, sizeof(MemoryChipFile));
}

MemoryLine MemoryChip::read(std::uint32_t offset) const noexcept {
  if (file_ == nullptr || offset >= kMemoryChipLines) return {};
  const Snapshot snapshot = take_snapshot(file_->line[offset], fd_.get(), offset);
  MemoryLine line;
  line.claimed = (snapshot.flags & kMemoryLineClaimed) != 0;
  if (!line.claimed) return line;
  const bool active_low = (snapshot.flags & kMemoryLineActiveLow) != 0;
  const bool safe_high = (snapshot.flags & kMemoryLineSafeHigh) != 0;
  line.driven_high = (snapshot.flags & kMemoryLineHigh) != 0;
  line.owned = snapshot.owned;
  line.high = line.owned ? line.driven_high : safe_high;
  line.active = line.high != active_low;
  line.safe_active = safe_high != active_low;
  line.edges = snapshot.edges;
  line.changed_at = MonotonicTime{Duration(snapshot.changed_at)};
  line.owner_pid = snapshot.owner_pid;
  line.name = snapshot.name;
  line.name.back() = '\0';
  return line;
}

}  // namespace pinfer
