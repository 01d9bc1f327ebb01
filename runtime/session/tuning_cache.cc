// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/tuning_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "runtime/core/files.h"
#include "runtime/core/hash.h"

namespace pinfer {
namespace {

constexpr std::uint64_t kMostBytes = 256u << 10;

// One line, whatever a driver calls itself.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string backend_line(const Backend& backend) {
  std::string on = "this program";
  if (backend.describe != nullptr) {
    auto described = backend.describe();
    on = described ? std::move(*described) : "not here: " + described.error().message;
  }
  return fmt::format("backend {}: {}\n", backend.name, on_one_line(std::move(on)));
}

bool is_cache_file(const std::filesystem::path& path) {
  return path.extension() == ".txt" && path.filename().string().starts_with("tuning-");
}

// Nullopt: not a whole one.
Result<std::optional<KeptTuning>> read_kept(const std::string& path) {
  PINFER_TRY(const std::string text, read_file(path, kMostBytes));
  auto kept = parse_kept(text);
  struct stat info {};
  if (kept && ::stat(path.c_str(), &info) == 0) kept->measured_at = info.st_mtim.tv_sec;
  return kept;
}

}  // namespace

Choice choice_of(const Tuning& tuning) {
  const Trial& best = tuning.trials[tuning.best];
  return {.backend = best.backend, .threads = best.threads, .why = explain(tuning)};
}

std::string net_line(const Model& model) {
  return fmt::format("net {} bytes, {:016x}\n", model.file.span().size(), fnv1a(model.file.span()));
}

std::string tuning_key(const Model& model, const TuningOptions& options, std::string_view machine) {
  const std::string threads = options.threads > 0
                                  ? fmt::format("{} threads", options.threads)
                                  : fmt::format("up to {} threads", options.max_threads);
  std::string key = fmt::format("pinfer {}\nmachine {}, {}, {}\n{}", PINFER_VERSION,
                                on_one_line(std::string(machine)),
                                to_string_isa(options.session.isa), threads, net_line(model));
  for (const Backend* backend : options.backends.empty() ? backends() : options.backends)
    key += backend_line(*backend);
  return key;
}

std::string TuningCache::path_of(std::string_view key) const {
  return fmt::format("{}/tuning-{:016x}.txt", folder_, fnv1a(key));
}

std::optional<KeptTuning> TuningCache::find(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  auto kept = read_kept(path_of(key));
  if (!kept || !*kept || (*kept)->key != key) return std::nullopt;
  return std::move(*kept);
}

Result<std::vector<KeptTuning>> TuningCache::all() const {
  std::vector<KeptTuning> all;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!is_cache_file(entry->path())) continue;
    PINFER_TRY(auto kept, read_kept(entry->path().string()));
    if (kept) all.push_back(std::move(*kept));
  }
  if (error)
    return fail(
        error == std::errc::no_such_file_or_directory ? ErrorCode::not_found : ErrorCode::io,
        "{}: cannot read the folder: {}", folder_, error.message());
  std::stable_sort(all.begin(), all.end(), [](const KeptTuning& a, const KeptTuning& b) {
    return a.measured_at > b.measured_at;
  });
  return all;
}

Result<void> TuningCache::keep(std::string_view key, const Tuning& tuning) const {
  if (folder_.empty()) return {};
  return write_file_atomically(path_of(key), to_text(key, tuning));
}

}  // namespace pinfer
