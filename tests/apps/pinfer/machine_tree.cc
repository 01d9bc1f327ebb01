// SPDX-License-Identifier: Apache-2.0
#include "tests/apps/pinfer/machine_tree.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>
#include <vector>

namespace pinfer::test {
namespace {

namespace fs = std::filesystem;

std::string unescape(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\0", at)) != std::string::npos; ++at)
    text.replace(at, 2, 1, '\0');
  return text;
}

struct Entry {
  std::string word, rest;
  std::string text;  // the indented lines below
};

std::vector<Entry> entries_of(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("no tree " + path.string());
  std::vector<Entry> entries;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("  ") && !entries.empty()) {
      entries.back().text += unescape(line.substr(2)) + "\n";
    } else if (!line.empty() && !line.starts_with('#')) {
      const std::size_t blank = std::min(line.find(' '), line.size());
      entries.push_back({line.substr(0, blank), line.substr(std::min(blank + 1, line.size())), ""});
    }
  }
  return entries;
}

}  // namespace

MachineTree::MachineTree(const fs::path& folder, const std::string& name) {
  std::string place = (fs::temp_directory_path() / "pinfer_machine_XXXXXX").string();
  if (::mkdtemp(place.data()) == nullptr) throw std::runtime_error("no temporary folder");
  place_ = place;
  fs::create_directories(place_ / "root");
  read(folder, name);
}

MachineTree::~MachineTree() {
  std::error_code ignored;
  fs::remove_all(place_, ignored);
}

void MachineTree::write(const fs::path& file, const std::string& text) const {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

void MachineTree::read(const fs::path& folder, const std::string& name) {
  for (const Entry& entry : entries_of(folder / (name + ".tree"))) {
    const auto at = [&](const std::string& path) { return fs::path(root() + path); };
    if (entry.word == "include") {
      read(folder, entry.rest);
    } else if (entry.word == "file") {
      write(at(entry.rest), entry.text);
    } else if (entry.word == "mode") {
      const std::size_t blank = entry.rest.find(' ');
      const int bits = std::stoi(entry.rest.substr(0, blank), nullptr, 8);
      fs::permissions(at(entry.rest.substr(blank + 1)), static_cast<fs::perms>(bits));
    } else if (entry.word == "remove") {
      if (fs::remove_all(at(entry.rest)) == 0)
        throw std::runtime_error(name + ": nothing to remove at " + entry.rest);
    } else if (entry.word == "config") {
      config_ = (place_ / "config.yaml").string();
      write(config_, entry.text);
    } else {
      throw std::runtime_error(fmt::format("{}: the word '{}' is not known", name, entry.word));
    }
  }
}

}  // namespace pinfer::test
