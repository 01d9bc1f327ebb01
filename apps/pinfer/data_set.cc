// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/data_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <map>
#include <utility>

#include "runtime/core/files.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxListBytes = 64u << 20;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\"");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\"") - start + 1);
}

// Takes the text up to the next `end` from the front of `text`.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

Result<DataSet> read_csv(const fs::path& list, std::span<const std::string> labels,
                         std::size_t limit) {
  PINFER_TRY(const std::string text, read_file(list.string(), kMaxListBytes));
  DataSet data{.form = "csv", .examples = {}};
  std::string_view rest = text;
  for (int line = 1; !rest.empty(); ++line) {
    std::string_view row = trimmed(take(rest, '\n'));
    if (row.empty() || row[0] == '#') continue;
    const std::string file(trimmed(take(row, ',')));
    std::string_view last;
    int fields = 1;
    for (; !row.empty(); ++fields) last = trimmed(take(row, ','));
    const std::int32_t label = class_named(last, labels);
    if (label < 0 && line == 1) continue;  // a heading
    if (label < 0 || fields < 2 || fields > 3)
      return fail(ErrorCode::invalid_argument,
                  "{}:{}: expected file,class or file,classes,class, found '{}'", list.string(),
                  line, last);
    const fs::path path = list.parent_path() / file;
    std::error_code none;
    if (!fs::is_regular_file(path, none)) {
      ++data.missing;
      continue;
    }
    data.examples.push_back({path.string(), label, {}});
    if (data.examples.size() == limit) break;
  }
  return data;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_example(const fs::path& path) {
  const std::string ending = lower(path.extension().string());
  return is_picture(path.string()) || ending == ".bin" || ending == ".npy";
}

Result<DataSet> read_folders(const std::vector<fs::path>& folders,
                             std::span<const std::string> labels, std::size_t limit) {
  DataSet data{.form = "folders", .examples = {}};
  for (const fs::path& folder : folders) {
    const std::int32_t label = class_named(folder.filename().string(), labels);
    if (label < 0)
      return fail(ErrorCode::invalid_argument,
                  "{}: the folder's name is neither a class number nor a label of the model",
                  folder.string());
    for (const fs::path& file : sorted_entries(folder)) {
      if (!is_example(file)) continue;
      if (limit != 0 && data.examples.size() == limit) return data;
      data.examples.push_back({file.string(), label, {}});
    }
  }
  return data;
}

// "n01440764_tench.JPEG" -> "tench"; empty for other names.
std::string imagenet_name(const fs::path& path) {
  const std::string stem = path.stem().string();
  const bool numbered =
      stem.size() > 10 && stem[0] == 'n' && stem[9] == '_' &&
      std::all_of(stem.begin() + 1, stem.begin() + 9, [](char c) { return c >= '0' && c <= '9'; });
  return numbered && is_picture(path.string()) ? plain_name(stem.substr(10)) : std::string{};
}

Result<DataSet> read_imagenet(const std::vector<fs::path>& files,
                              std::span<const std::string> labels, std::size_t limit) {
  std::multimap<std::string, std::int32_t> classes;
  for (std::size_t i = 0; i < labels.size(); ++i)
    classes.emplace(plain_name(labels[i]), static_cast<std::int32_t>(i));
  DataSet data{.form = "imagenet", .examples = {}};
  std::int32_t previous = -1;
  std::string previous_number;
  for (const fs::path& file : files) {
    const std::string name = imagenet_name(file);
    if (name.empty()) continue;
    const std::string number = file.filename().string().substr(0, 9);
    const bool same = std::exchange(previous_number, number) == number;
    const auto [first, last] = classes.equal_range(name);
    if (first == last)
      return fail(ErrorCode::invalid_argument,
                  "{}: no label of the model begins with that name; give --labels with the 1000 "
                  "(or 1001) class names",
                  file.string());
    auto chosen = first;
    for (auto it = first; it != last; ++it)
      if (it->second > previous || (same && it->second == previous)) {
        chosen = it;
        break;
      }
    previous = chosen->second;
    data.examples.push_back({file.string(), chosen->second, {}});
    if (data.examples.size() == limit) break;
  }
  return data;
}

Result<DataSet> read_folder(const fs::path& folder, std::span<const std::string> labels,
                            std::size_t limit) {
  for (const char* name : {"y_labels.csv", "labels.csv"})
    if (fs::is_regular_file(folder / name)) return read_csv(folder / name, labels, limit);
  std::vector<fs::path> folders, files;
  for (const fs::path& entry : sorted_entries(folder))
    (fs::is_directory(entry) ? folders : files).push_back(entry);
  if (!folders.empty()) return read_folders(folders, labels, limit);
  if (std::any_of(files.begin(), files.end(),
                  [](const fs::path& file) { return !imagenet_name(file).empty(); }))
    return read_imagenet(files, labels, limit);
  return fail(ErrorCode::invalid_argument,
              "{}: no labelled data: expected y_labels.csv, one folder a class, or ImageNet's file "
              "names",
              folder.string());
}

}  // namespace

bool is_picture(std::string_view path) {
  constexpr std::array kEndings = {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"};
  const std::string name = lower(path);
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](const char* ending) { return name.ends_with(ending); });
}

std::string plain_name(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, text.find(',')))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::int32_t class_named(std::string_view word, std::span<const std::string> labels) {
  // Labels first: a net whose classes are called "0", "1", ... may have them in any order.
  const std::string name = plain_name(word);
  for (std::size_t i = 0; i < labels.size() && !name.empty(); ++i)
    if (plain_name(labels[i]) == name) return static_cast<std::int32_t>(i);
  std::int32_t number = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole && number >= 0 ? number : -1;
}

Result<DataSet> open_data_set(const std::string& path, std::span<const std::string> labels,
                              std::size_t limit) {
  std::error_code none;
  if (fs::is_directory(path, none)) return read_folder(path, labels, limit);
  if (!fs::exists(path, none)) return fail(ErrorCode::not_found, "{}: no such file", path);
  if (lower(path).ends_with(".csv")) return read_csv(path, labels, limit);
  if (path.find("idx3-ubyte") != std::string::npos) {
    DataSet data{.form = "idx", .examples = {}};
    PINFER_TRY(data.examples, read_idx(path, limit));
    return data;
  }
  return fail(ErrorCode::invalid_argument,
              "{}: expected a folder, a .csv list, an idx3-ubyte file or COCO's .json", path);
}

}  // namespace pinfer
