// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/coco.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "runtime/core/files.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::uint64_t kMaxJsonBytes = 1u << 30;

std::vector<std::string> annotation_files(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder / "annotations", none))
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

// ".../annotations/instances_val2017.json" -> ".../images/val2017" when that exists.
fs::path guess_images(const fs::path& json) {
  std::string split = json.stem().string();
  if (split.starts_with("instances_")) split = split.substr(10);
  const fs::path root = json.parent_path().parent_path();
  for (const fs::path& folder : {root / "images" / split, root / split, root / "images"})
    if (fs::is_directory(folder)) return folder;
  return json.parent_path();
}

struct Listed {
  std::string file;
  float width = 0, height = 0;
  std::vector<TrueBox> objects;
};

// Throws Json::exception where the document has another form.
std::map<std::int64_t, Listed> read_pictures(const Json& document) {
  std::map<std::int64_t, Listed> listed;
  for (const Json& image : document.at("images"))
    listed[image.at("id").get<std::int64_t>()] = {image.at("file_name").get<std::string>(),
                                                  image.at("width").get<float>(),
                                                  image.at("height").get<float>(),
                                                  {}};
  for (const Json& entry : document.at("annotations")) {
    const auto found = listed.find(entry.at("image_id").get<std::int64_t>());
    if (found == listed.end()) continue;
    const auto box = entry.at("bbox").get<std::vector<float>>();
    Listed& picture = found->second;
    if (box.size() != 4 || picture.width <= 0 || picture.height <= 0) continue;
    picture.objects.push_back(
        {entry.at("category_id").get<std::int32_t>(),
         {box[0] / picture.width, box[1] / picture.height, (box[0] + box[2]) / picture.width,
          (box[1] + box[3]) / picture.height},
         entry.value("iscrowd", 0) != 0});
  }
  return listed;
}

Result<CocoSet> read_set(const fs::path& json, const fs::path& images, std::size_t limit) {
  PINFER_TRY(const std::string text, read_file(json.string(), kMaxJsonBytes));
  CocoSet set;
  try {
    const Json document = Json::parse(text);
    for (const Json& category : document.at("categories"))
      set.categories[category.at("id").get<std::int32_t>()] =
          category.at("name").get<std::string>();
    for (auto& [id, listed] : read_pictures(document)) {
      const fs::path path = images / listed.file;
      if (!fs::is_regular_file(path)) {
        ++set.missing;
        continue;
      }
      set.pictures.push_back({path.string(), std::move(listed.objects)});
      if (set.pictures.size() == limit) break;
    }
  } catch (const Json::exception& error) {
    return fail(ErrorCode::invalid_argument, "{}: not COCO's instances format: {}", json.string(),
                error.what());
  }
  return set;
}

}  // namespace

bool is_coco(const std::string& path) {
  return path.ends_with(".json") || !annotation_files(path).empty();
}

Result<CocoSet> open_coco(const std::string& path, const std::string& images, std::size_t limit) {
  std::string json = path;
  if (!path.ends_with(".json")) {
    const auto files = annotation_files(path);
    if (files.size() != 1)
      return fail(ErrorCode::invalid_argument, "{}: it has {} annotation files, name one: {}", path,
                  files.size(), fmt::join(files, ", "));
    json = files[0];
  }
  return read_set(json, images.empty() ? guess_images(json) : fs::path(images), limit);
}

}  // namespace pinfer
