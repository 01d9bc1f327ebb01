// SPDX-License-Identifier: Apache-2.0
// check_types: one kind of node by many seeds, in every element type that the GPU takes.
#pragma once

#include <gtest/gtest.h>

#include "tests/runtime/backends/gles/gles_case.h"
#include "tests/runtime/backends/gles/node_pair.h"

namespace pinfer::test {

inline constexpr DType kTypes[] = {DType::i8, DType::u8, DType::f32};

// `make(seed, type)` says how the GPU's bytes differ from the judge's: "" when they do not.
template <class Make>
void check_types(int count, const Make& make) {
  for (int seed = 0; seed < count; ++seed)
    for (const DType type : kTypes)
      EXPECT_EQ(make(static_cast<unsigned>(seed), type), "")
          << "seed " << seed << ", " << to_string(type);
}

}  // namespace pinfer::test
