// SPDX-License-Identifier: Apache-2.0
#include "apps/journal/journal_read.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "apps/journal/database.h"
#include "apps/journal/journal.h"
#include "apps/journal/schema.h"

namespace pinfer {
namespace {

Result<Database> open_journal(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error))
    return fail(ErrorCode::not_found,
                "{}: there is no journal; `journal: {{path: ...}}` in the configuration keeps one",
                path);
  auto database = Database::open_for_reading(path);
  if (!database)
    return fail(database.error().code, "{}; run this as root or as the user of pinferd",
                database.error().message);
  PINFER_TRY(const std::int64_t version, database->number("PRAGMA user_version"));
  if (version != kJournalVersion)
    return fail(ErrorCode::unsupported, "{}: is of version {}, this program reads {}", path,
                version, kJournalVersion);
  return database;
}

// One text of the form [[class,"label",score],...], as journal_write.cc makes it.
class ScoreReader final {
 public:
  explicit ScoreReader(std::string_view text) : text_(text) {}

  std::vector<JournalScore> read() {
    std::vector<JournalScore> scores;
    while (skip_to('[') && scores.size() < 64) {
      if (peek('[')) continue;
      JournalScore score;
      score.class_id = static_cast<std::int64_t>(number());
      if (!skip_to('"')) break;
      score.label = string();
      if (!skip_to(',')) break;
      score.score = number();
      scores.push_back(std::move(score));
    }
    return scores;
  }

 private:
  bool skip_to(char wanted) {
    while (at_ < text_.size())
      if (text_[at_++] == wanted) return true;
    return false;
  }
  [[nodiscard]] bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }
  double number() {
    const std::size_t end = std::min(text_.find_first_of(",]", at_), text_.size());
    const std::string digits(text_.substr(at_, end - at_));
    at_ = end;
    return std::strtod(digits.c_str(), nullptr);
  }
  std::string string() {
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_++];
    }
    ++at_;
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

JournalEntry entry_of(const Statement& row, const std::string& boot) {
  JournalEntry entry;
  entry.id = row.integer(0);
  entry.unix_ms = row.integer(1);
  entry.this_boot = !boot.empty() && row.text(2) == boot;
  entry.uptime = Duration(row.integer(3));
  entry.kind = row.text(4);
  entry.output = row.text(5);
  entry.active = row.integer(6) != 0;
  entry.cause = row.text(7);
  entry.rule = row.text(8);
  entry.reason = row.text(9);
  entry.timed = row.integer(10) != 0;
  entry.sequence = row.integer(11);
  entry.age = Duration(row.integer(12));
  entry.scores = ScoreReader(row.text(13)).read();
  entry.model = row.text(14);
  entry.lease = std::chrono::milliseconds(row.integer(15));
  if (row.integer(16) != 0) entry.image = JournalImage{row.real(17), row.real(18), row.real(19)};
  entry.has_picture = row.integer(20) != 0;
  return entry;
}

std::int64_t unix_now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Result<std::vector<JournalEntry>> read_journal(const std::string& path, const JournalQuery& query) {
  PINFER_TRY(Database database, open_journal(path));
  const std::string boot = boot_id();
  // Of this run of the machine by uptime, which nobody can set; of others by the clock.
  std::string sql =
      "SELECT id, unix_ms, boot, uptime_ns, kind, output, active, cause, rule, reason, timed, "
      "sequence, age_ns, scores, model, lease_ms, brightness IS NOT NULL, brightness, sharpness, "
      "change, picture IS NOT NULL FROM entries WHERE (?1 = '' OR output = ?1 OR output = '')";
  if (query.edges_only) sql += " AND kind = 'edge'";
  if (query.since) sql += " AND CASE WHEN boot = ?2 THEN uptime_ns >= ?3 ELSE unix_ms >= ?4 END";
  sql += " ORDER BY id DESC";
  if (query.last > 0) sql += fmt::format(" LIMIT {}", query.last);
  PINFER_TRY(Statement row, database.prepare(sql));
  row.bind(1, std::string_view(query.output));
  if (query.since) {
    const auto back = std::chrono::duration_cast<std::chrono::milliseconds>(*query.since);
    row.bind(2, std::string_view(boot));
    row.bind(3, std::int64_t{(MonotonicTime::now() - *query.since).since_boot.count()});
    row.bind(4, std::int64_t{unix_now_ms() - back.count()});
  }
  std::vector<JournalEntry> entries;
  for (;;) {
    PINFER_TRY(const bool more, row.step());
    if (!more) break;
    entries.push_back(entry_of(row, boot));
  }
  std::reverse(entries.begin(), entries.end());
  return entries;
}

Result<std::string> read_journal_picture(const std::string& path, std::int64_t id) {
  PINFER_TRY(Database database, open_journal(path));
  PINFER_TRY(Statement row, database.prepare("SELECT picture FROM entries WHERE id = ?1"));
  row.bind(1, id);
  PINFER_TRY(const bool found, row.step());
  const auto jpeg = found ? row.blob(0) : std::span<const std::byte>();
  if (jpeg.empty()) return fail(ErrorCode::not_found, "{}: entry {} has no picture", path, id);
  return std::string(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
}

}  // namespace pinfer
