// SPDX-License-Identifier: Apache-2.0
// FileWatch: tells when one file has been written or replaced.
#pragma once

#include <string>

#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

class FileWatch final {
 public:
  // Watches the folder, not the file: editors and package managers put a new file in its place.
  static Result<FileWatch> create(const std::string& path);

  [[nodiscard]] int fd() const noexcept { return inotify_.get(); }
  // Reads what has happened; true when it was about the file.
  bool read_changes() noexcept;

 private:
  UniqueFd inotify_;
  std::string name_;
};

}  // namespace pinfer
