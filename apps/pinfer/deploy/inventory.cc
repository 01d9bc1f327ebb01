// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/deploy/inventory.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pinfer {
namespace {

namespace fs = std::filesystem;

Result<BoardEntry> read_line(std::istringstream& words, const fs::path& folder) {
  BoardEntry entry;
  words >> entry.target;
  PINFER_CHECK(check_target(entry.target));
  for (std::string word; words >> word;) {
    const bool is_config = word.starts_with("config=");
    if (!is_config && !word.starts_with("model="))
      return fail(ErrorCode::config, "'{}' is not understood: write config=FILE or model=FOLDER",
                  word);
    const std::string path = (folder / word.substr(word.find('=') + 1)).string();
    (is_config ? entry.config : entry.model) = path;
  }
  return entry;
}

}  // namespace

Result<void> check_target(const std::string& target) {
  if (!target.empty() && target[0] != '-') return {};
  return fail(ErrorCode::invalid_argument, "'{}' names no board: write user@board", target);
}

Result<std::vector<BoardEntry>> read_inventory(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return fail(ErrorCode::not_found,
                "{}: cannot read this inventory; one board a line: user@board", path);
  std::vector<BoardEntry> boards;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    line.resize(std::min(line.size(), line.find('#')));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    std::istringstream words(line);
    auto entry = read_line(words, fs::path(path).parent_path());
    if (!entry) return fail(ErrorCode::config, "{}:{}: {}", path, number, entry.error().message);
    for (const BoardEntry& other : boards)
      if (other.target == entry->target)
        return fail(ErrorCode::config, "{}:{}: {} stands here twice", path, number, other.target);
    boards.push_back(*std::move(entry));
  }
  if (boards.empty())
    return fail(ErrorCode::config, "{}: no board in it; one a line: user@board", path);
  return boards;
}

}  // namespace pinfer
