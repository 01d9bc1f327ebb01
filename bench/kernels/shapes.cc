// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/shapes.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace pinfer::bench {
namespace {

bool read_window(std::istream& words, ConvShape& s) {
  words >> s.batches >> s.in_height >> s.in_width >> s.in_channels >> s.out_height >> s.out_width >>
      s.out_channels >> s.filter_height >> s.filter_width >> s.stride_h >> s.stride_w >>
      s.dilation_h >> s.dilation_w >> s.pad_top >> s.pad_left;
  return !words.fail();
}

bool read_line(const std::string& line, Shapes& shapes) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "fully_connected") {
    FullyConnectedShape shape;
    words >> shape.rows >> shape.depth >> shape.channels;
    shapes.fully_connected.push_back({shape, line});
    return !words.fail();
  }
  if (kind != "conv" && kind != "depthwise") return false;
  ConvShape shape;
  if (!read_window(words, shape)) return false;
  (kind == "conv" ? shapes.conv : shapes.depthwise).push_back({shape, line});
  return true;
}

}  // namespace

Result<Shapes> read_shapes(const std::string& folder) {
  Shapes shapes;
  std::set<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == ".txt") files.insert(entry.path());
  if (files.empty()) return fail(ErrorCode::not_found, "{}: no shapes (*.txt)", folder);
  std::set<std::string> seen;
  for (const auto& path : files) {
    std::ifstream file(path);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      line.erase(std::min(line.find('#'), line.size()));
      line.erase(line.find_last_not_of(' ') + 1);
      if (line.empty() || !seen.insert(line).second) continue;
      if (!read_line(line, shapes))
        return fail(ErrorCode::invalid_argument, "{}:{}: no shape: {}", path.string(), number,
                    line);
    }
  }
  return shapes;
}

}  // namespace pinfer::bench
