// SPDX-License-Identifier: Apache-2.0
// CocoSet: pictures with boxes, from COCO's instances_*.json.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apps/pinfer/score.h"
#include "runtime/core/result.h"

namespace pinfer {

struct CocoPicture {
  std::string path;
  std::vector<TrueBox> objects;  // category: COCO's id; boxes in fractions of the picture
};

struct CocoSet {
  std::map<std::int32_t, std::string> categories;  // id -> name
  std::vector<CocoPicture> pictures;
  std::int64_t missing = 0;  // listed, but not there
};

// True for an instances .json file, or a folder with annotations/*.json in it.
bool is_coco(const std::string& path);

// `images`: the folder of the pictures; empty: ../images/<split> beside the annotations, or the
// annotations' own folder. Errors name the path and what is wrong in it.
Result<CocoSet> open_coco(const std::string& path, const std::string& images, std::size_t limit);

}  // namespace pinfer
