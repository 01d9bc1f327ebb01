// SPDX-License-Identifier: Apache-2.0
#include "tests/support/zoo.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace pinfer::test {

std::string zoo_folder() {
  const char* folder = std::getenv("PINFER_ZOO");
  return folder != nullptr && *folder != '\0' ? folder : PINFER_ZOO_DEFAULT;
}

std::vector<std::string> zoo_files(const std::string& folder, const std::string& suffix) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  const fs::path root = fs::path(zoo_folder()) / folder;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error))
    if (it->is_regular_file() && it->path().string().ends_with(suffix))
      files.push_back(it->path().string());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace pinfer::test
