// SPDX-License-Identifier: Apache-2.0
// Which boards there are, and on which one we run.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "apps/pipeline/board.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCompatibleBytes = 4096;

std::string board_path(const std::string& boards_dir, const std::string& id) {
  return (fs::path(boards_dir) / (id + ".yaml")).string();
}

// The NUL-separated words of <device_tree>/compatible, most specific first.
std::vector<std::string> compatible_of(const std::string& device_tree) {
  // not read_file(): the kernel's files cannot be mapped
  std::ifstream file(fs::path(device_tree) / "compatible", std::ios::binary);
  std::string text(kMaxCompatibleBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::vector<std::string> words;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\0', start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

Result<std::vector<std::string>> list_boards(const std::string& boards_dir) {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator entry(boards_dir, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") ids.push_back(entry->path().stem().string());
  }
  if (error || ids.empty()) {
    return fail(ErrorCode::not_found, "no board files (*.yaml) in the folder '{}'{}{}", boards_dir,
                error ? ": " : "", error ? error.message() : "");
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<Board> find_board(const std::string& boards_dir, const std::string& id) {
  PINFER_TRY(const auto ids, list_boards(boards_dir));
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    const auto guess = nearest(id, ids);
    return fail(ErrorCode::not_found, "there is no board '{}'{}", id,
                guess ? fmt::format(" (did you mean {}?)", *guess)
                      : fmt::format("; known are auto, {}", fmt::join(ids, ", ")));
  }
  BoardLoad load = load_board(board_path(boards_dir, id));
  if (!load.board) {
    return fail(ErrorCode::config, "the board file does not load:\n{}",
                render_text(load.diagnostics));
  }
  return *std::move(load.board);
}

Result<std::string> detect_board(const std::string& boards_dir, const std::string& device_tree) {
  const std::vector<std::string> words = compatible_of(device_tree);
  if (words.empty()) return std::string("generic");
  PINFER_TRY(const auto ids, list_boards(boards_dir));
  std::string best = "generic";
  std::size_t best_rank = words.size();
  for (const std::string& id : ids) {
    const BoardLoad load = load_board(board_path(boards_dir, id));
    if (!load.board) continue;  // one bad file must not hide the board we run on
    const auto& known = load.board->compatible;
    const auto hit = std::find_first_of(words.begin(), words.end(), known.begin(), known.end());
    const auto rank = static_cast<std::size_t>(hit - words.begin());
    if (rank >= best_rank) continue;
    best_rank = rank;
    best = id;
  }
  return best;
}

}  // namespace pinfer
