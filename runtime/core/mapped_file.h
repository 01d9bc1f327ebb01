// SPDX-License-Identifier: Apache-2.0
// MappedFile: a regular file mapped read-only, owned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/core/result.h"

namespace pinfer {

class MappedFile final {
 public:
  // Maps `path`. Errors: not_found, io (no permission, a directory, a device), over_budget when the
  // file is larger than `max_bytes`. An empty file maps to an empty span.
  static Result<MappedFile> open(const std::string& path, std::uint64_t max_bytes);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_, size_}; }

  // The whole pages inside `part` leave the memory of this process; who reads them again gets them
  // from the file. Nothing happens where `part` is not of this file.
  void drop(std::span<const std::byte> part) const noexcept;

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pinfer
