// SPDX-License-Identifier: Apache-2.0
#include "runtime/session/tuning_cache.h"

#include <algorithm>
#include <charconv>

#include "runtime/core/files.h"
#include "runtime/core/hash.h"

namespace pinfer {
namespace {

constexpr std::string_view kHead = "pinfer tuning 1\n";
constexpr std::uint64_t kMostBytes = 64u << 10;

// Takes "<name> ...\n" from the front; nullopt: another line stands there.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || text.substr(0, name.size()) != name) return std::nullopt;
  const std::string_view line = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return line;
}

// One line, whatever a driver calls itself.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

Choice choice_of(const Tuning& tuning) {
  const Trial& best = tuning.trials[tuning.best];
  return {
      .backend = std::string(best.backend->name), .threads = best.threads, .why = explain(tuning)};
}

std::string to_text(const Choice& choice) {
  return fmt::format("backend {}\nthreads {}\nwhy {}\n", choice.backend, choice.threads,
                     choice.why);
}

std::optional<Choice> parse_choice(std::string_view text) {
  const auto backend = take_line(text, "backend ");
  const auto threads = take_line(text, "threads ");
  const auto why = take_line(text, "why ");
  if (!backend || !threads || !why || !text.empty()) return std::nullopt;
  Choice choice{.backend = std::string(*backend), .threads = 0, .why = std::string(*why)};
  const char* end = threads->data() + threads->size();
  if (std::from_chars(threads->data(), end, choice.threads).ptr != end || choice.threads < 1 ||
      choice.threads > ThreadPool::kMaxThreads)
    return std::nullopt;
  return choice;
}

std::string tuning_key(const Model& model, const TuningOptions& options, std::string_view machine) {
  std::string key =
      fmt::format("machine {}, {}, {} threads\nnet {} bytes, {:016x}\n",
                  on_one_line(std::string(machine)), to_string_isa(options.session.isa),
                  options.max_threads, model.file.span().size(), fnv1a(model.file.span()));
  for (const Backend* backend : options.backends.empty() ? backends() : options.backends) {
    std::string on = "this program";
    if (backend->describe != nullptr) {
      auto described = backend->describe();
      on = described ? std::move(*described) : "not here: " + described.error().message;
    }
    key += fmt::format("backend {}: {}\n", backend->name, on_one_line(std::move(on)));
  }
  return key;
}

std::string TuningCache::path_of(std::string_view key) const {
  return fmt::format("{}/tuning-{:016x}.txt", folder_, fnv1a(key));
}

std::optional<Choice> TuningCache::find(std::string_view key) const {
  if (folder_.empty()) return std::nullopt;
  const auto file = read_file(path_of(key), kMostBytes);
  if (!file) return std::nullopt;
  std::string_view text = *file;
  for (const std::string_view part : {kHead, key}) {
    if (text.substr(0, part.size()) != part) return std::nullopt;
    text.remove_prefix(part.size());
  }
  return parse_choice(text);
}

Result<void> TuningCache::keep(std::string_view key, const Tuning& tuning) const {
  if (folder_.empty()) return {};
  return write_file_atomically(path_of(key),
                               fmt::format("{}{}{}", kHead, key, to_text(choice_of(tuning))));
}

}  // namespace pinfer
