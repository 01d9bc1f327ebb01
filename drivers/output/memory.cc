// SPDX-License-Identifier: Apache-2.0
// The `memory` driver: one line of a file-backed chip (memory_chip.h has the chip's rules).
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "drivers/output/memory_chip.h"
#include "drivers/output/output.h"

namespace pinfer {
namespace {

// Release: whoever sees a new field sees the odd sequence that came before it.
template <class T>
void store(T& field, T value) noexcept {
  std::atomic_ref(field).store(value, std::memory_order_release);
}

class MemoryOutput final : public Output {
 public:
  MemoryOutput(const OutputSpec& spec, UniqueFd fd, MemoryChipFile* file) noexcept
      : fd_(std::move(fd)),
        file_(file),
        record_(file->line[spec.offset]),
        active_low_(spec.active_low),
        safe_active_(spec.safe_active) {
    claim(spec);
  }

  ~MemoryOutput() override {
    static_cast<void>(MemoryOutput::set(safe_active_));
    // The mapping keeps the file open, and with it the lock: both have to go.
    ::munmap(file_, sizeof(MemoryChipFile));
  }

  Status set(bool active) noexcept override {
    const bool high = active != active_low_;
    if (high == ((record_.flags & kMemoryLineHigh) != 0)) return Status::ok;
    write(record_.flags ^ kMemoryLineHigh, record_.edges + 1);
    return Status::ok;
  }

  Status read(bool& active) noexcept override {
    active = ((record_.flags & kMemoryLineHigh) != 0) != active_low_;
    return Status::ok;
  }

 private:
  // Takes over what a former owner, dead or gone, has left: an odd sequence, any level.
  void claim(const OutputSpec& spec) noexcept {
    const bool was_claimed = (record_.flags & kMemoryLineClaimed) != 0;
    const bool was_high = (record_.flags & kMemoryLineHigh) != 0;
    const bool safe_high = spec.safe_active != spec.active_low;
    store(record_.sequence, record_.sequence & ~1U);
    const std::uint32_t flags = kMemoryLineClaimed | (safe_high ? kMemoryLineHigh : 0U) |
                                (safe_high ? kMemoryLineSafeHigh : 0U) |
                                (spec.active_low ? kMemoryLineActiveLow : 0U);
    store(record_.owner_pid, static_cast<std::uint32_t>(::getpid()));
    const std::string_view name = spec.name.view();
    record_.name.fill('\0');
    std::copy(name.begin(), name.end(), record_.name.begin());
    write(flags, record_.edges + (was_claimed && was_high != safe_high ? 1 : 0));
  }

  void write(std::uint32_t flags, std::uint64_t edges) noexcept {
    const std::uint32_t sequence = record_.sequence;
    store(record_.sequence, sequence + 1);
    store(record_.flags, flags);
    store(record_.edges, edges);
    store(record_.changed_at, std::int64_t{MonotonicTime::now().since_boot.count()});
    store(record_.sequence, sequence + 2);
  }

  UniqueFd fd_;
  MemoryChipFile* file_;
  MemoryLineRecord& record_;
  bool active_low_;
  bool safe_active_;
};

// Reads a line that another process drives. Nobody drives it: what the bias makes of it.
class MemoryInput final : public Input {
 public:
  MemoryInput(const OutputSpec& spec, MemoryChip chip) noexcept
      : chip_(std::move(chip)),
        offset_(spec.offset),
        active_low_(spec.active_low),
        bias_(spec.bias) {}

  Status read(bool& active) noexcept override {
    const MemoryLine line = chip_.read(offset_);
    const bool pulled = bias_ == Bias::pull_up || bias_ == Bias::pull_down;
    if (!line.owned && !pulled) return Status::backend_fault;
    const bool high = line.owned ? line.high : bias_ == Bias::pull_up;
    active = high != active_low_;
    return Status::ok;
  }

 private:
  MemoryChip chip_;
  std::uint32_t offset_;
  bool active_low_;
  Bias bias_;
};

Result<void> check_place(const OutputSpec& spec) {
  if (spec.chip.empty())
    return fail(ErrorCode::config, "output {}: a memory line needs the name of a chip",
                spec.name.view());
  if (spec.offset < kMemoryChipLines) return {};
  return fail(ErrorCode::not_found, "output {}: memory chip {} has lines 0 to {}, not {}",
              spec.name.view(), spec.chip.view(), kMemoryChipLines - 1, spec.offset);
}

Result<void> take_line(const OutputSpec& spec, int fd, const MemoryChipFile& file) {
  PINFER_TRY(const bool taken, lock_memory_line(fd, spec.offset, MemoryLineByte::owner));
  if (taken) return {};
  return fail(ErrorCode::refused,
              "output {}: line {} of memory chip {} is in use by process {}; stop that process or "
              "use another line",
              spec.name.view(), spec.offset, spec.chip.view(), file.line[spec.offset].owner_pid);
}

struct Unmap {
  void operator()(MemoryChipFile* file) const noexcept { ::munmap(file, sizeof(MemoryChipFile)); }
};

}  // namespace

Result<std::unique_ptr<Output>> create_memory_output(const OutputSpec& spec, const OutputContext&) {
  PINFER_CHECK(check_place(spec));
  const std::string path = memory_chip_path(spec.chip.view());
  PINFER_TRY(UniqueFd fd, open_memory_chip_file(path, true));
  PINFER_TRY(MemoryChipFile* const mapped, map_memory_chip_file(path, fd.get(), true));
  std::unique_ptr<MemoryChipFile, Unmap> file(mapped);
  PINFER_CHECK(take_line(spec, fd.get(), *file));
  const int chip = fd.get();
  auto output = std::make_unique<MemoryOutput>(spec, std::move(fd), file.release());
  // Only now, with the safe level written, may watchers believe the record.
  PINFER_CHECK(lock_memory_line(chip, spec.offset, MemoryLineByte::driven));
  return output;
}

Result<std::unique_ptr<Input>> create_memory_input(const OutputSpec& spec, const OutputContext&) {
  PINFER_CHECK(check_place(spec));
  const std::string path = memory_chip_path(spec.chip.view());
  PINFER_CHECK(open_memory_chip_file(path, true));
  PINFER_TRY(MemoryChip chip, MemoryChip::open(path));
  return std::make_unique<MemoryInput>(spec, std::move(chip));
}

}  // namespace pinfer
