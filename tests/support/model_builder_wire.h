// SPDX-License-Identifier: Apache-2.0
// What the files of the model builder share; tests include model_builder.h instead.
#pragma once

#include "runtime/model/tflite_generated.h"
#include "tests/support/model_builder.h"

namespace pinfer::test {

struct WireOptions {
  wire::Options type = wire::Options::NONE;
  wire::Options2 type_2 = wire::Options2::NONE;
  flatbuffers::Offset<void> table = 0;
};

// The options table of `op` for the operator called `name`.
WireOptions write_options(flatbuffers::FlatBufferBuilder& fbb, const OpSpec& op,
                          const std::string& name);

// OpSpec::custom_options, or the map of the parameters of a custom operator.
std::vector<std::uint8_t> write_custom_options(const OpSpec& op);

// The TFLITE_METADATA flatbuffer.
std::vector<std::uint8_t> write_description(const MetadataSpec& metadata);

// "labels_0.txt"
std::string label_file_name(std::size_t output);

}  // namespace pinfer::test
