// SPDX-License-Identifier: Apache-2.0
// Whole files in and out: bounded reads, and writes that never leave half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/core/result.h"

namespace pinfer {

// The whole of a regular file as text. Errors: not_found, io, over_budget beyond `max_bytes`.
Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes);

// Writes to `<path>.tmp-<pid>`, fsyncs, renames onto `path` and fsyncs the folder: a reader sees
// the old file or the new one, never a part. On an error the temporary file is removed.
Result<void> write_file_atomically(const std::string& path, std::span<const std::byte> data);
Result<void> write_file_atomically(const std::string& path, std::string_view text);

}  // namespace pinfer
