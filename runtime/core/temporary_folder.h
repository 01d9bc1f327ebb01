// SPDX-License-Identifier: Apache-2.0
// TemporaryFolder: a folder of this run alone, which goes with everything in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/core/result.h"

namespace pinfer {

class TemporaryFolder final {
 public:
  // In the system's folder for such; `purpose` is for the message. Error io.
  static Result<TemporaryFolder> create(std::string_view purpose) {
    std::string path = (std::filesystem::temp_directory_path() / "pinfer-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr)
      return fail(ErrorCode::io,
                  "{}: cannot make a folder for {}; TMPDIR says where one can be made", path,
                  purpose);
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace pinfer
