// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/saved_table.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "apps/guard/messages.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

constexpr std::uint32_t kMagic = 0x42544750;  // "PGTB"
constexpr std::uint32_t kVersion = 2;

struct FileHeader {
  std::uint32_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t count = 0;       // of lines; a record of the e-stop line may follow
  std::uint32_t has_estop = 0;   // 0 or 1
  std::uint32_t is_latched = 0;  // 0 or 1
  std::uint32_t checksum = 0;    // FNV-1a of what is before and of the records
};

struct FileRecord {
  WireSpec spec;
  std::array<char, 32> client;
};
static_assert(std::has_unique_object_representations_v<FileRecord>);

std::uint32_t checksum(std::span<const std::byte> bytes) noexcept {
  std::uint32_t hash = 2166136261U;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool own = i >= offsetof(FileHeader, checksum) && i < sizeof(FileHeader);
    if (!own) hash = (hash ^ static_cast<std::uint32_t>(bytes[i])) * 16777619U;
  }
  return hash;
}

std::optional<SavedLine> read_record(std::span<const std::byte> file, std::size_t index) noexcept {
  FileRecord record;
  std::memcpy(&record, file.data() + sizeof(FileHeader) + index * sizeof(record), sizeof(record));
  const auto spec = from_wire(record.spec);
  const auto client = text_from_wire(record.client);
  if (!spec || !client) return std::nullopt;
  return SavedLine{*spec, *client};
}

}  // namespace

Result<void> save_table(const std::string& path, const SavedTable& table) {
  FileHeader header;
  header.count = static_cast<std::uint32_t>(table.lines.size());
  header.has_estop = table.estop ? 1 : 0;
  header.is_latched = table.estop_latched ? 1 : 0;
  std::vector<std::byte> file(sizeof(header));
  const auto append = [&file](const SavedLine& line) {
    FileRecord record{to_wire(line.spec), {}};
    text_to_wire(line.client.view(), record.client);
    const auto bytes = std::as_bytes(std::span(&record, 1));
    file.insert(file.end(), bytes.begin(), bytes.end());
  };
  for (const SavedLine& line : table.lines) append(line);
  if (table.estop) append(*table.estop);
  std::memcpy(file.data(), &header, sizeof(header));
  header.checksum = checksum(file);
  std::memcpy(file.data(), &header, sizeof(header));
  return write_file_atomically(path, std::span<const std::byte>(file));
}

Result<SavedTable> load_table(const std::string& path) {
  const auto damaged = [&path] {
    return fail(ErrorCode::io, "{}: not a table of this guard; remove the file", path);
  };
  const auto text = read_file(path, sizeof(FileHeader) + (kMaxLines + 1) * sizeof(FileRecord));
  if (!text && text.error().code == ErrorCode::not_found) return SavedTable{};
  if (!text) return tl::unexpected(text.error());
  const auto bytes = std::as_bytes(std::span(text->data(), text->size()));
  FileHeader header;
  if (bytes.size() < sizeof(header)) return damaged();
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kMagic || header.version != kVersion || header.count > kMaxLines ||
      header.has_estop > 1 || header.is_latched > 1 ||
      bytes.size() != sizeof(header) + (header.count + header.has_estop) * sizeof(FileRecord) ||
      header.checksum != checksum(bytes))
    return damaged();
  SavedTable table;
  table.estop_latched = header.is_latched == 1;
  for (std::size_t i = 0; i < header.count; ++i) {
    const auto line = read_record(bytes, i);
    if (!line || !table.lines.push_back(*line)) return damaged();
  }
  if (header.has_estop == 1) table.estop = read_record(bytes, header.count);
  if (header.has_estop == 1 && !table.estop) return damaged();
  return table;
}

Result<std::unique_ptr<TableWriter>> TableWriter::create(
    std::string path, std::function<void(const Error&)> on_error) {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) return fail(ErrorCode::io, "cannot make an event: {}", std::strerror(errno));
  return std::unique_ptr<TableWriter>(
      new TableWriter(std::move(path), std::move(on_error), std::move(event)));
}

TableWriter::TableWriter(std::string path, std::function<void(const Error&)> on_error,
                         UniqueFd event)
    : path_(std::move(path)),
      on_error_(std::move(on_error)),
      event_(std::move(event)),
      thread_([this] { run(); }) {}

TableWriter::~TableWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void TableWriter::submit(const SavedTable& table) {
  {
    const std::lock_guard lock(mutex_);
    waiting_ = table;
  }
  wake_.notify_one();
}

bool TableWriter::idle() const {
  const std::lock_guard lock(mutex_);
  return !waiting_ && !writing_;
}

void TableWriter::take_event() const noexcept {
  std::uint64_t count = 0;
  static_cast<void>(!::read(event_.get(), &count, sizeof(count)));
}

void TableWriter::run() {
  constexpr std::uint64_t kOne = 1;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return waiting_ || stopping_; });
    if (!waiting_) return;
    const SavedTable table = *waiting_;
    waiting_.reset();
    writing_ = true;
    lock.unlock();
    if (const auto saved = save_table(path_, table); !saved) on_error_(saved.error());
    lock.lock();
    writing_ = false;
    static_cast<void>(!::write(event_.get(), &kOne, sizeof(kOne)));
  }
}

}  // namespace pinfer
