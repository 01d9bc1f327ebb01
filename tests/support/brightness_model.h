// SPDX-License-Identifier: Apache-2.0
// A model whose answer everybody can compute: is the picture bright or dark?
#pragma once

#include <cstddef>
#include <vector>

namespace pinfer::test {

// float32, one gray pixel [1x1x1x1] of value v: scores {v / 255, 1 - v / 255} for the labels
// "bright" and "dark".
std::vector<std::byte> brightness_model();

// The same, but with a pixel of 0 both scores are no numbers (0 / 0).
std::vector<std::byte> fragile_brightness_model();

}  // namespace pinfer::test
