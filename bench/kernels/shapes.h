// SPDX-License-Identifier: Apache-2.0
// Shapes of real nets, as bench/shapes/extract writes them.
#pragma once

#include <string>
#include <vector>

#include "runtime/core/result.h"
#include "runtime/kernels/fully_connected/fully_connected.h"
#include "runtime/kernels/mac.h"

namespace pinfer::bench {

template <class Shape>
struct NamedShape {
  Shape shape;
  std::string name;  // the line without its comment
};

struct Shapes {
  std::vector<NamedShape<ConvShape>> conv, depthwise;
  std::vector<NamedShape<FullyConnectedShape>> fully_connected;
};

// Every .txt file of a folder, each shape once. Errors name the file and the line.
Result<Shapes> read_shapes(const std::string& folder);

}  // namespace pinfer::bench
