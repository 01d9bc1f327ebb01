// SPDX-License-Identifier: Apache-2.0
// SQLite as two small types: a Database and its Statements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pinfer {

class Statement final {
 public:
  // Parameters and columns count from 1 and from 0, as SQLite has them.
  void bind(int parameter, std::int64_t value) noexcept;
  void bind(int parameter, double value) noexcept;
  void bind(int parameter, std::string_view text) noexcept;            // copied
  void bind(int parameter, std::span<const std::byte> blob) noexcept;  // copied; empty: NULL

  // True: a row is there. False: done. The statement can be used again after reset().
  Result<bool> step();
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] double real(int column) const noexcept;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const noexcept;  // until the next step

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), handle_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

class Database final {
 public:
  // Makes the file if there is none. Errors: io, refused (no permission), corrupt.
  static Result<Database> open_for_writing(const std::string& path);
  // Errors besides: not_found.
  static Result<Database> open_for_reading(const std::string& path);

  Result<void> run(const std::string& sql);
  Result<Statement> prepare(const std::string& sql);
  // The first number of the first row.
  Result<std::int64_t> number(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  static Result<Database> open(const std::string& path, int flags);
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace pinfer
