// SPDX-License-Identifier: Apache-2.0
#include "apps/journal/database.h"

#include <sqlite3.h>

namespace pinfer {
namespace {

ErrorCode code_of(int result) noexcept {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::invalid_argument;
    case SQLITE_FULL:
      return ErrorCode::over_budget;
    case SQLITE_CANTOPEN:
      return ErrorCode::not_found;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::refused;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::io;
  }
}

tl::unexpected<Error> failure(sqlite3* database) {
  const char* path = ::sqlite3_db_filename(database, "main");
  return fail(code_of(::sqlite3_extended_errcode(database)), "{}: {}", path != nullptr ? path : "",
              ::sqlite3_errmsg(database));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  ::sqlite3_finalize(statement);
}

// A value that cannot be bound (no memory) stays NULL: the entry has a hole, not a lie.
void Statement::bind(int parameter, std::int64_t value) noexcept {
  static_cast<void>(::sqlite3_bind_int64(handle_.get(), parameter, value));
}
void Statement::bind(int parameter, double value) noexcept {
  static_cast<void>(::sqlite3_bind_double(handle_.get(), parameter, value));
}
void Statement::bind(int parameter, std::string_view text) noexcept {
  static_cast<void>(::sqlite3_bind_text64(handle_.get(), parameter, text.data(), text.size(),
                                          SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Statement::bind(int parameter, std::span<const std::byte> blob) noexcept {
  if (blob.empty())
    static_cast<void>(::sqlite3_bind_null(handle_.get(), parameter));
  else
    static_cast<void>(::sqlite3_bind_blob64(handle_.get(), parameter, blob.data(), blob.size(),
                                            SQLITE_TRANSIENT));
}

Result<bool> Statement::step() {
  switch (::sqlite3_step(handle_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return failure(database_);
  }
}

void Statement::reset() noexcept {
  static_cast<void>(::sqlite3_reset(handle_.get()));
  static_cast<void>(::sqlite3_clear_bindings(handle_.get()));
}

std::int64_t Statement::integer(int column) const noexcept {
  return ::sqlite3_column_int64(handle_.get(), column);
}
double Statement::real(int column) const noexcept {
  return ::sqlite3_column_double(handle_.get(), column);
}
std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(handle_.get(), column));
  const int size = ::sqlite3_column_bytes(handle_.get(), column);
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(size));
}
std::span<const std::byte> Statement::blob(int column) const noexcept {
  const auto* bytes = static_cast<const std::byte*>(::sqlite3_column_blob(handle_.get(), column));
  const int size = ::sqlite3_column_bytes(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(size)};
}

void Database::Close::operator()(sqlite3* database) const noexcept { ::sqlite3_close_v2(database); }

Result<Database> Database::open(const std::string& path, int flags) {
  sqlite3* handle = nullptr;
  const int result = ::sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (result != SQLITE_OK) {
    return fail(code_of(result), "{}: {}", path,
                handle != nullptr ? ::sqlite3_errmsg(handle) : ::sqlite3_errstr(result));
  }
  constexpr int kPatienceMs = 2000;  // for a reader that copies, or a daemon that is just leaving
  ::sqlite3_busy_timeout(handle, kPatienceMs);
  return database;
}

Result<Database> Database::open_for_writing(const std::string& path) {
  return open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
}
Result<Database> Database::open_for_reading(const std::string& path) {
  return open(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX);
}

Result<void> Database::run(const std::string& sql) {
  if (::sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return failure(handle_.get());
  return {};
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v2(handle_.get(), sql.c_str(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK)
    return failure(handle_.get());
  return Statement(handle_.get(), statement);
}

Result<std::int64_t> Database::number(const std::string& sql) {
  PINFER_TRY(Statement statement, prepare(sql));
  PINFER_TRY(const bool row, statement.step());
  if (!row) return fail(ErrorCode::internal, "{}: no row", sql);
  return statement.integer(0);
}

}  // namespace pinfer
