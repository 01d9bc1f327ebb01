// SPDX-License-Identifier: Apache-2.0
// How numbers, tensors and tables look on the console; and tensors as JSON.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "apps/pinfer/json.h"
#include "runtime/core/clock.h"
#include "runtime/graph/tensor.h"

namespace pinfer {

// "1.23 M", "45.0 k", "678": three significant digits.
std::string count_text(double value);
// "1.50 MiB", "12 B"
std::string bytes_text(std::size_t bytes);
// "int8[1x10] scale 0.0039 zero point -128", "per channel (16)"
std::string tensor_text(const TensorInfo& info);
Json tensor_json(const TensorInfo& info);

// Rows of cells under a heading; columns as wide as their widest cell, the last one ragged.
// `right` tells which columns are right-aligned.
class Table final {
 public:
  Table(std::vector<std::string> heading, std::vector<bool> right)
      : rows_{std::move(heading)}, right_(std::move(right)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> right_;
};

}  // namespace pinfer
