// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/tensor.h"

#include <fmt/format.h>

namespace pinfer {

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), "x"));
}

}  // namespace pinfer
