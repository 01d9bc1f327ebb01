// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/doctor/system_view.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 256 * 1024;

template <class T>
bool to_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

SystemView::SystemView(std::string root) : root_(std::move(root)) {
  while (root_.ends_with('/')) root_.pop_back();
}

std::optional<std::string> SystemView::read(const std::string& path) const {
  // not read_file(): the kernel's files cannot be mapped
  std::error_code ignored;
  if (path.empty() || !fs::is_regular_file(place(path), ignored)) return std::nullopt;
  std::ifstream file(place(path), std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(kMaxBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string SystemView::line(const std::string& path) const {
  std::string text = read(path).value_or("");
  text.resize(std::min(text.find_first_of(std::string_view("\0\n", 2)), text.size()));
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

std::optional<std::int64_t> SystemView::number(const std::string& path, int base) const {
  const std::string text = line(path);
  std::string_view digits = text;
  if (base == 16 && digits.starts_with("0x")) digits.remove_prefix(2);
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::vector<std::string> SystemView::list(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(place(folder), error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool SystemView::exists(const std::string& path) const {
  struct stat info {};
  return ::stat(place(path).c_str(), &info) == 0;
}

std::optional<unsigned> SystemView::mode(const std::string& path) const {
  struct stat info {};
  if (::stat(place(path).c_str(), &info) != 0) return std::nullopt;
  return info.st_mode & 07777u;
}

std::int64_t SystemView::now() const {
  if (live()) return static_cast<std::int64_t>(std::time(nullptr));
  std::int64_t seconds = 0;
  for (const auto& words : probe("now"))
    if (!words.empty()) static_cast<void>(to_number(words[0], seconds));
  return seconds;
}

std::optional<DiskSpace> SystemView::disk(const std::string& path) const {
  if (!live()) {
    for (const auto& words : probe("disk")) {
      DiskSpace space;
      if (words.size() == 3 && words[0] == path && to_number(words[1], space.total) &&
          to_number(words[2], space.free)) {
        return space;
      }
    }
    return std::nullopt;
  }
  fs::path folder = path;
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) return std::nullopt;
  return DiskSpace{std::uint64_t{info.f_frsize} * info.f_blocks,
                   std::uint64_t{info.f_frsize} * info.f_bavail};
}

std::vector<CameraFormat> SystemView::camera_formats(const std::string& device) const {
  if (live()) return read_camera_formats(device);
  std::vector<CameraFormat> formats;
  for (const auto& words : probe("camera")) {
    CameraFormat format;
    if (words.size() != 3 || words[0] != device) continue;
    format.code = words[1];
    if (std::sscanf(words[2].c_str(), "%dx%d", &format.width, &format.height) == 2)
      formats.push_back(format);
  }
  return formats;
}

std::vector<std::vector<std::string>> SystemView::probe(const std::string& key) const {
  std::vector<std::vector<std::string>> found;
  for (const std::string& text : lines_of(read("/probe").value_or(""))) {
    std::vector<std::string> words = words_of(text);
    if (words.empty() || words[0] != key) continue;
    words.erase(words.begin());
    found.push_back(std::move(words));
  }
  return found;
}

}  // namespace pinfer
