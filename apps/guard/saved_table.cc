// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/saved_table.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "apps/guard/messages.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

constexpr std::uint32_t kMagic = 0x42544750;  // "PGTB"
constexpr std::uint32_t kVersion = 1;

struct FileHeader {
  std::uint32_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t count = 0;
  std::uint32_t checksum = 0;  // FNV-1a of the records
};

struct FileRecord {
  WireSpec spec;
  std::array<char, 32> client;
};
static_assert(std::has_unique_object_representations_v<FileRecord>);

std::uint32_t checksum(std::span<const std::byte> bytes) noexcept {
  std::uint32_t hash = 2166136261U;
  for (const std::byte byte : bytes) hash = (hash ^ static_cast<std::uint32_t>(byte)) * 16777619U;
  return hash;
}

}  // namespace

Result<void> save_table(const std::string& path, const SavedTable& table) {
  FileHeader header;
  header.count = static_cast<std::uint32_t>(table.size());
  std::vector<std::byte> file(sizeof(header) + table.size() * sizeof(FileRecord));
  std::byte* position = file.data() + sizeof(header);
  for (const SavedLine& line : table) {
    FileRecord record{to_wire(line.spec), {}};
    text_to_wire(line.client.view(), record.client);
    std::memcpy(position, &record, sizeof(record));
    position += sizeof(record);
  }
  header.checksum = checksum(std::span(file).subspan(sizeof(header)));
  std::memcpy(file.data(), &header, sizeof(header));
  return write_file_atomically(path, std::span<const std::byte>(file));
}

Result<SavedTable> load_table(const std::string& path) {
  const auto damaged = [&path] {
    return fail(ErrorCode::io, "{}: not a table of this guard; remove the file", path);
  };
  const auto text = read_file(path, sizeof(FileHeader) + kMaxLines * sizeof(FileRecord));
  if (!text && text.error().code == ErrorCode::not_found) return SavedTable{};
  if (!text) return tl::unexpected(text.error());
  const auto bytes = std::as_bytes(std::span(text->data(), text->size()));
  FileHeader header;
  if (bytes.size() < sizeof(header)) return damaged();
  std::memcpy(&header, bytes.data(), sizeof(header));
  const auto records = bytes.subspan(sizeof(header));
  if (header.magic != kMagic || header.version != kVersion || header.count > kMaxLines ||
      records.size() != header.count * sizeof(FileRecord) || header.checksum != checksum(records))
    return damaged();
  SavedTable table;
  for (std::size_t i = 0; i < header.count; ++i) {
    FileRecord record;
    std::memcpy(&record, records.data() + i * sizeof(record), sizeof(record));
    const auto spec = from_wire(record.spec);
    const auto client = text_from_wire(record.client);
    if (!spec || !client || !table.push_back({*spec, *client})) return damaged();
  }
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
