// SPDX-License-Identifier: Apache-2.0
// DataSet: labelled examples for `pinfer eval`, in the forms that people have them.
//
//   a .csv file, or a folder with y_labels.csv   file,class or file,classes,class; paths beside it
//   a folder of folders                          one folder a class: its number or its label
//   a folder of nXXXXXXXX_name.jpg               ImageNet: the class by the name, see below
//   an idx3-ubyte file (.gz or not)              MNIST: labels in the idx1-ubyte file beside it
//
// ImageNet names: the part behind the WordNet number is the first word of a label. Where two
// labels begin alike ("crane"), the order decides: WordNet numbers rise with the class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

struct Example {
  std::string name;              // for messages; the path unless `bytes` holds it all
  std::int32_t label = 0;        // class number
  std::vector<std::byte> bytes;  // of data sets in one file; empty: read `name`
};

struct DataSet {
  std::string form;  // "csv", "folders", "imagenet", "idx"
  std::vector<Example> examples;
  std::int64_t missing = 0;  // listed, but not there
};

// Errors name the path and say what was expected. At most `limit` examples; 0: all.
Result<DataSet> open_data_set(const std::string& path, std::span<const std::string> labels,
                              std::size_t limit);

// The class that a word names: a number, or a label (letters and digits count, case does not).
// -1: none.
std::int32_t class_named(std::string_view word, std::span<const std::string> labels);

// "American chameleon, anole" -> "americanchameleon": what is compared, up to the first comma.
std::string plain_name(std::string_view text);

// MNIST's format; gunzips what is packed. For open_data_set and its tests.
Result<std::vector<Example>> read_idx(const std::string& images, std::size_t limit);

// Pictures by their ending (.png .jpg .jpeg .bmp .pgm .ppm, any case).
bool is_picture(std::string_view path);

}  // namespace pinfer
