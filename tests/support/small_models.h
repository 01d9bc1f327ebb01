// SPDX-License-Identifier: Apache-2.0
// Small models that run, made with ModelBuilder: for tests that break them and as seeds of fuzzers.
#pragma once

#include <string>
#include <vector>

#include "tests/support/model_builder.h"

namespace pinfer::test {

// int8: input [1x8x8x1], CONV_2D 3x3 with `channels` channels per channel, MAX_POOL_2D,
// RESHAPE, FULLY_CONNECTED to 10, SOFTMAX; labels "0".."9" and normalisation in the metadata.
ModelBuilder digits_model(std::int32_t channels = 4);

// float32: x + y, both [1x4].
ModelBuilder add_model();

// Every model of this header and some more kinds (variables, subgraphs, strings of operators of
// several types), by name.
struct NamedModel {
  std::string name;
  ModelBuilder builder;
};
std::vector<NamedModel> seed_models();

}  // namespace pinfer::test
