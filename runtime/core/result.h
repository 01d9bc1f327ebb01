// SPDX-License-Identifier: Apache-2.0
// Error, Result<T> and the two macros that pass errors up in set-up code.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pinfer {

// What kind of thing went wrong; the command line maps it to an exit code.
enum class ErrorCode : std::uint8_t {
  invalid_argument,  // the caller asked for something that does not make sense
  invalid_model,     // the model file breaks a rule (V1..V14)
  unsupported,       // legal, but this build cannot run it
  over_budget,       // larger than the configured budget
  not_found,         // a file, device, key or name does not exist
  io,                // the operating system refused to read or write
  config,            // the configuration is wrong
  refused,           // refused for safety
  unavailable,       // a device or peer is not there now; trying again may help
  internal,          // a defect of Pinfer
};

// One sentence that names the thing, its place and the way out.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// `return fail(ErrorCode::io, "{}: cannot read: {}", path, why);`
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format,
                                         Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace pinfer

#define PINFER_CAT2(a, b) a##b
#define PINFER_CAT(a, b) PINFER_CAT2(a, b)

// `PINFER_TRY(auto file, MappedFile::open(path));` declares `file` or returns the error.
#define PINFER_TRY(declaration, ...)                                        \
  auto PINFER_CAT(try_, __LINE__) = (__VA_ARGS__);                          \
  if (!PINFER_CAT(try_, __LINE__)) [[unlikely]]                             \
    return ::tl::unexpected(std::move(PINFER_CAT(try_, __LINE__).error())); \
  declaration = *std::move(PINFER_CAT(try_, __LINE__))

// `PINFER_CHECK(validate(node));` returns the error, for Result<void>.
#define PINFER_CHECK(...)                                       \
  do {                                                          \
    auto pinfer_check = (__VA_ARGS__);                          \
    if (!pinfer_check) [[unlikely]]                             \
      return ::tl::unexpected(std::move(pinfer_check.error())); \
  } while (false)
