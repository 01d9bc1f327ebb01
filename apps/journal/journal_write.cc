// SPDX-License-Identifier: Apache-2.0
// What the journal's thread does with the database.
#include <cstdio>
#include <filesystem>

#include "apps/journal/journal.h"
#include "apps/journal/schema.h"
#include "apps/pipeline/json_text.h"
#include "drivers/camera/picture.h"

namespace pinfer {
namespace {

constexpr int kPage = 4096;
// The WAL grows to this before it is copied back; a picture in one transaction makes it larger.
constexpr std::uint64_t kWalBytes = 512u << 10;
constexpr int kJpegQuality = 80;

std::string scores_json(const Event& event) {
  std::string json = "[";
  for (const EventScore& score : event.scores)
    json += fmt::format("{}[{},{},{:.4f}]", json.size() > 1 ? "," : "", score.class_id,
                        json_text(score.label.view()), score.score);
  return json + "]";
}

std::vector<std::byte> jpeg_of(const JournalPicture& picture) {
  Frame frame = picture.frame;
  frame.data = picture.bytes.data();
  auto jpeg = encode_jpeg(frame, kJpegQuality);
  return jpeg ? *std::move(jpeg) : std::vector<std::byte>();
}

void set_aside(const std::string& path) {
  std::error_code ignored;
  std::filesystem::rename(path, path + ".damaged", ignored);
  for (const char* tail : {"-wal", "-shm"}) std::filesystem::remove(path + tail, ignored);
}

}  // namespace

Result<Database> Journal::prepare_database(const JournalOptions& options) {
  PINFER_TRY(Database database, Database::open_for_writing(options.path));
  PINFER_CHECK(database.run(fmt::format(
      "PRAGMA page_size={}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "PRAGMA wal_autocheckpoint={}; PRAGMA journal_size_limit={}; PRAGMA secure_delete=OFF;",
      kPage, kWalBytes / kPage, kWalBytes)));
  PINFER_TRY(const std::int64_t version, database.number("PRAGMA user_version"));
  if (version != 0 && version != kJournalVersion)
    return fail(ErrorCode::invalid_argument, "{}: is of version {}, this program writes {}",
                options.path, version, kJournalVersion);
  PINFER_CHECK(database.run(kJournalTable));
  PINFER_CHECK(database.run(fmt::format("PRAGMA user_version={}; PRAGMA max_page_count={}",
                                        kJournalVersion, (options.max_bytes - kWalBytes) / kPage)));
  return database;
}

Result<Database> Journal::open_database(const JournalOptions& options) {
  auto database = prepare_database(options);
  if (database || database.error().code != ErrorCode::invalid_argument) return database;
  set_aside(options.path);
  return prepare_database(options);
}

Result<void> Journal::try_batch(const std::deque<Item>& batch) {
  if (!database_) {  // after a failure
    PINFER_TRY(database_, open_database(options_));
  }
  Result<void> result;
  for (const bool urgent : {false, true}) {
    result = make_room(urgent);
    if (result) result = database_->run("BEGIN IMMEDIATE");
    if (result) {
      auto statement = database_->prepare(
          "INSERT INTO entries VALUES(NULL,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,"
          "?17,?18,?19)");
      if (!statement) result = tl::unexpected(statement.error());
      for (const Item& item : batch)
        if (result) result = insert(*statement, item);
    }
    if (result) result = database_->run("COMMIT");
    if (result) return {};
    static_cast<void>(database_->run("ROLLBACK"));
    if (result.error().code != ErrorCode::over_budget) break;  // full: once more with more room
  }
  const bool damaged = result.error().code == ErrorCode::invalid_argument;
  database_.reset();  // opened anew for the next batch
  if (damaged) set_aside(options_.path);
  return result;
}

Result<void> Journal::insert(Statement& statement, const Item& item) const {
  const Event& event = item.event;
  const auto lease = std::chrono::duration_cast<std::chrono::milliseconds>(event.lease);
  statement.reset();
  statement.bind(1, item.unix_ms);
  statement.bind(2, std::string_view(boot_));
  statement.bind(3, std::int64_t{event.at.since_boot.count()});
  statement.bind(4, to_string(event.kind));
  statement.bind(5, event.output.view());
  statement.bind(6, std::int64_t{event.active ? 1 : 0});
  statement.bind(7, to_string(event.cause));
  statement.bind(8, event.rule.view());
  statement.bind(9, event.reason.view());
  statement.bind(10, std::int64_t{event.timed ? 1 : 0});
  statement.bind(11, static_cast<std::int64_t>(event.sequence));
  statement.bind(12, std::int64_t{event.age().count()});
  statement.bind(13, std::string_view(scores_json(event)));
  statement.bind(14, event.model.view());
  statement.bind(15, std::int64_t{lease.count()});
  if (event.image.measured) {
    statement.bind(16, static_cast<double>(event.image.brightness));
    statement.bind(17, static_cast<double>(event.image.sharpness));
    statement.bind(18, static_cast<double>(event.image.change));
  }
  if (item.picture) statement.bind(19, std::span<const std::byte>(jpeg_of(*item.picture)));
  PINFER_CHECK(statement.step());
  return {};
}

// Near the limit the oldest tenth goes. SQLite uses the room again: the file does not grow.
Result<void> Journal::make_room(bool urgent) {
  PINFER_TRY(const std::int64_t pages, database_->number("PRAGMA page_count"));
  PINFER_TRY(const std::int64_t unused, database_->number("PRAGMA freelist_count"));
  PINFER_TRY(const std::int64_t most, database_->number("PRAGMA max_page_count"));
  if (!urgent && 10 * (pages - unused) < 9 * most) return {};
  return database_->run(
      "DELETE FROM entries WHERE id < (SELECT min(id) + max(1, count(*) / 10) FROM entries)");
}

}  // namespace pinfer
