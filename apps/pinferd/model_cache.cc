// SPDX-License-Identifier: Apache-2.0
#include "apps/pinferd/model_cache.h"

#include <sys/stat.h>

#include "apps/pinferd/sha256.h"

namespace pinfer {

ModelCache::FileStamp ModelCache::stamp_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
          static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

bool ModelCache::is_stale(const std::string& path) const {
  return model_ == nullptr || path != path_ || stamp_of(path) != stamp_;
}

Result<std::shared_ptr<const Model>> ModelCache::get(const std::string& path) {
  if (!is_stale(path)) return model_;
  const FileStamp stamp = stamp_of(path);  // before reading: a later change makes it stale again
  PINFER_TRY(std::shared_ptr<const Model> model, load_model(path, {}));
  version_ = sha256_hex(model->file.span());
  path_ = path;
  stamp_ = stamp;
  model_ = std::move(model);
  return model_;
}

}  // namespace pinfer
