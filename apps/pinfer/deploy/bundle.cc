// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/deploy/bundle.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "apps/pinfer/deploy/process.h"
#include "apps/pinferd/sha256.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 1ULL << 31;  // of a packed bundle or model

Result<std::string> hash_file(const std::string& path) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, kMaxBytes));
  return sha256_hex(file.span());
}

std::vector<fs::path> bundles_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("pinfer-") && name.ends_with(".tar.zst")) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    return fs::last_write_time(a, ignored) > fs::last_write_time(b, ignored);
  });
  return found;
}

bool good_name(std::string_view name) {
  return !name.empty() && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

bool has_model(const fs::path& folder) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".tflite") return true;
  return false;
}

}  // namespace

std::string Bundle::get(std::string_view word) const {
  const std::string start = "\n" + std::string(word) + " ";
  const std::size_t at = manifest.find(start);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + start.size();
  return manifest.substr(begin, manifest.find('\n', begin) - begin);
}

Result<std::string> find_bundle(const std::string& where, std::string_view arch,
                                std::string_view os) {
  std::error_code ignored;
  if (!where.empty() && !fs::is_directory(where, ignored)) {
    if (fs::exists(where, ignored)) return where;
    return fail(ErrorCode::not_found, "{}: there is no such bundle; ./dev package makes them",
                where);
  }
  const std::string ending = fmt::format("-{}-{}.tar.zst", arch, os);
  std::vector<std::string> others;
  for (const std::string& folder :
       where.empty() ? std::vector<std::string>{"build/packages", "."} : std::vector{where}) {
    for (const fs::path& path : bundles_in(folder)) {
      if (path.string().ends_with(ending)) return path.string();
      others.push_back(path.filename().string());
    }
  }
  return fail(ErrorCode::not_found,
              "there is no bundle pinfer-*{} for this board in {}{}; ./dev package makes them, "
              "--bundle says where they are",
              ending, where.empty() ? "build/packages and here" : where,
              others.empty() ? "" : fmt::format(" (there is {})", others.front()));
}

Result<Bundle> open_bundle(const std::string& path, const std::string& scratch) {
  Bundle bundle;
  bundle.path = path;
  bundle.archive = scratch + "/" + fs::path(path).filename().string() + ".tar";
  PINFER_TRY(const std::string nothing, output_of({"zstd", "-dqf", path, "-o", bundle.archive}));
  auto manifest = output_of({"tar", "-xOf", bundle.archive, "--wildcards", "*/MANIFEST"});
  if (!manifest || !manifest->starts_with("pinfer 1\n"))
    return fail(ErrorCode::config, "{}: not a bundle of this version: no MANIFEST 1 in it", path);
  bundle.manifest = *std::move(manifest);
  PINFER_TRY(bundle.hash, hash_file(bundle.archive));
  if (!good_name(bundle.get("id")))
    return fail(ErrorCode::config, "{}: its MANIFEST has no id", path);
  return bundle;
}

Result<ModelPack> pack_model(const std::string& folder, const std::string& scratch) {
  ModelPack pack;
  const fs::path path = fs::absolute(folder).lexically_normal();
  pack.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  if (!good_name(pack.name))
    return fail(ErrorCode::invalid_argument,
                "--model {}: the folder's name is the model's name: letters, digits, . _ -",
                folder);
  if (!has_model(folder))
    return fail(ErrorCode::invalid_argument,
                "--model {}: not a folder with a .tflite file (and its labels)", folder);
  pack.archive = scratch + "/" + pack.name + ".tar";
  PINFER_TRY(const std::string nothing,
             output_of({"tar", "-C", folder, "--sort=name", "--mtime=@0", "--owner=0", "--group=0",
                        "--numeric-owner", "--mode=u+w,a+rX", "-cf", pack.archive, "."}));
  PINFER_TRY(pack.hash, hash_file(pack.archive));
  pack.version = pack.hash.substr(0, 12);
  return pack;
}

Result<ConfigFile> read_config_file(const std::string& path) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, kMaxBytes));
  const auto bytes = file.span();
  ConfigFile config{path, {}, sha256_hex(bytes)};
  config.text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (config.text.find('\0') != std::string::npos || config.text.empty())
    return fail(ErrorCode::config, "{}: not a configuration: {}", path,
                config.text.empty() ? "the file is empty" : "it holds bytes of value 0");
  return config;
}

}  // namespace pinfer
