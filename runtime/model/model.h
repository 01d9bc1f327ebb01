// SPDX-License-Identifier: Apache-2.0
// Model: a .tflite file read, verified and bounded; and the budgets it must keep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/core/mapped_file.h"
#include "runtime/core/result.h"
#include "runtime/graph/graph.h"

namespace pinfer {

// Rule V12: what a model may cost. Checked before memory is taken.
struct Budgets {
  std::uint64_t file_bytes = 512ull << 20;
  std::uint64_t arena_bytes = 512ull << 20;     // activations and scratch of one session
  std::uint64_t constant_bytes = 512ull << 20;  // weights unpacked or folded at load
  std::int64_t macs = 100'000'000'000;          // of one run, with what pooling windows read
  std::uint32_t tensors = 100'000;
  std::uint32_t operators = 100'000;
};

// NormalizationOptions of the file's metadata: real = (pixel - mean) / std, pixel 0..255; one
// entry, or one a channel. Empty: the file says nothing.
struct Normalisation {
  std::vector<float> mean, stddev;
};

struct InputMetadata {
  Normalisation normalisation;
};

struct OutputMetadata {
  std::vector<std::string> labels;  // class names by index; empty when the file has none
};

struct Metadata {
  std::string name, description;
  std::vector<InputMetadata> inputs;    // by graph input; may be shorter
  std::vector<OutputMetadata> outputs;  // by graph output; may be shorter
};

// What a pass did, for `pinfer inspect`.
struct PassReport {
  std::string pass;
  std::int32_t changes = 0;
};

// Constants of `graph` may point into `file`: keep them together. Move-only.
struct Model {
  std::string path;
  MappedFile file;
  Graph graph;
  std::vector<Graph> subgraphs;  // all others, by (subgraph index - 1): CALL_ONCE, composites
  Metadata metadata;
  Budgets budgets;                 // what it was read under; sessions keep them too
  std::vector<PassReport> passes;  // filled by the loader of runtime/session
};

}  // namespace pinfer
