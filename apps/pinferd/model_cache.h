// SPDX-License-Identifier: Apache-2.0
// ModelCache: the model that runs, loaded again only when its file has changed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/session/session.h"

namespace pinfer {

class ModelCache final {
 public:
  // Errors: those of load_model().
  Result<std::shared_ptr<const Model>> get(const std::string& path);
  // True when get() would read the file.
  [[nodiscard]] bool is_stale(const std::string& path) const;
  // The SHA-256 of the model that get() gave last, as `sha256sum` prints it.
  [[nodiscard]] const std::string& version() const noexcept { return version_; }

 private:
  struct FileStamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
  };
  static FileStamp stamp_of(const std::string& path);

  std::string path_;
  FileStamp stamp_;
  std::string version_;
  std::shared_ptr<const Model> model_;
};

}  // namespace pinfer
