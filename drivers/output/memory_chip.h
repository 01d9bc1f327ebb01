// SPDX-License-Identifier: Apache-2.0
// The file-backed chip: its layout, and MemoryChip, with which other processes watch its lines.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/core/clock.h"
#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

inline constexpr std::uint32_t kMemoryChipLines = 64;
inline constexpr std::uint64_t kMemoryChipMagic = 0x5048434D464E4950;  // "PINFMCHP" in the file
inline constexpr std::uint32_t kMemoryChipVersion = 1;

// The chip's rules, the same for every reader:
// - A line belongs to whoever holds a write lock (open file description lock) on the first byte of
//   its record, and shows what the owner drives while the owner also holds the second byte, which
//   it takes after it has written the safe level: a new owner never shows the level of a dead one.
//   The kernel drops the locks with the owner, however it died.
// - A line without an owner shows its safe level, as a line with a pull resistor would.
// - The owner writes a record as a sequence lock: `sequence` is odd while it writes.
struct MemoryLineRecord {
  std::uint32_t sequence;
  std::uint32_t flags;      // kMemoryLine... bits
  std::uint64_t edges;      // level changes since the file was made
  std::int64_t changed_at;  // CLOCK_MONOTONIC in ns of the last level change
  std::uint32_t owner_pid;  // of the last owner, for people
  std::uint32_t reserved;
  std::array<char, 32> name;  // the output's name, NUL-terminated, for people
};
static_assert(sizeof(MemoryLineRecord) == 64);

inline constexpr std::uint32_t kMemoryLineHigh = 1;       // the owner drives a high voltage
inline constexpr std::uint32_t kMemoryLineSafeHigh = 2;   // the safe level is a high voltage
inline constexpr std::uint32_t kMemoryLineActiveLow = 4;  // active is a low voltage
inline constexpr std::uint32_t kMemoryLineClaimed = 8;    // has ever been claimed

struct MemoryChipFile {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t lines;
  std::array<std::byte, 48> reserved;
  std::array<MemoryLineRecord, kMemoryChipLines> line;
};
static_assert(sizeof(MemoryChipFile) == 64 * (1 + kMemoryChipLines));

// One line as a reader sees it.
struct MemoryLine {
  bool claimed = false;      // has ever had an owner; false: everything else is meaningless
  bool owned = false;        // has an owner now
  bool active = false;       // logical level on the wire: the safe level when nobody owns it
  bool high = false;         // voltage on the wire
  bool driven_high = false;  // what the last owner drove last, dead or alive
  bool safe_active = false;
  std::uint64_t edges = 0;
  MonotonicTime changed_at;
  std::uint32_t owner_pid = 0;
  std::array<char, 32> name{};
};

// Where a chip lives: `chip` itself when it is an absolute path, else
// <$PINFER_MEMORY_DIR or /run/pinfer>/memory-<chip>.
std::string memory_chip_path(std::string_view chip);

// A chip opened for watching. Any number of processes may watch.
class MemoryChip final {
 public:
  // Errors: not_found (nobody has made the chip yet), io (not a chip file).
  static Result<MemoryChip> open(const std::string& path);

  MemoryChip() = default;
  MemoryChip(MemoryChip&& other) noexcept;
  MemoryChip& operator=(MemoryChip&& other) noexcept;
  ~MemoryChip();

  // `offset` < kMemoryChipLines. Allocates nothing.
  [[nodiscard]] MemoryLine read(std::uint32_t offset) const noexcept;

 private:
  UniqueFd fd_;
  MemoryChipFile* file_ = nullptr;
};

// Tries to take the lock of byte `byte` of a line's record. False: somebody else has it.
enum class MemoryLineByte : std::uint8_t { owner = 0, driven = 1 };
Result<bool> lock_memory_line(int fd, std::uint32_t offset, MemoryLineByte byte);

// Opens the chip's file for an owner, making it when it is not there. Used by the memory driver.
Result<UniqueFd> open_memory_chip_file(const std::string& path, bool writable);
Result<MemoryChipFile*> map_memory_chip_file(const std::string& path, int fd, bool writable);

}  // namespace pinfer
