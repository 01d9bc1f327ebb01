// SPDX-License-Identifier: Apache-2.0
// Decoder: turns the outputs of a model into predictions. One line each in decoders.inc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "apps/pipeline/geometry.h"
#include "apps/pipeline/prediction.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/graph/tensor.h"

namespace pinfer {

struct DecodeOptions {
  std::size_t top_k = kMaxPredictions;  // at most this many predictions; 1..kMaxPredictions
  std::optional<float> min_score;       // drop lower ones
  bool softmax = false;                 // classification only: the values are logits
  InputGeometry geometry;               // of the frame that the outputs belong to
};

// A constant record of functions.
struct Decoder {
  std::string_view name;  // the word of the config: "classification"
  std::string_view summary;

  // Checked once at set-up: whether the outputs have the form that decode() reads. The error names
  // the output and what was expected.
  Result<void> (*check)(std::span<const Tensor> outputs);

  // Writes the predictions of one frame, best score first. Outputs have passed check(). Allocates
  // nothing. bad_value: the model gave a value that is not a number; `predictions` is empty then.
  Status (*decode)(std::span<const Tensor> outputs, const DecodeOptions& options,
                   Predictions& predictions) noexcept;
};

// In the order in which `auto` tries them.
std::span<const Decoder* const> decoders() noexcept;

// The decoder with that name, or for "auto" the first one that accepts the outputs. Its check() has
// passed. The error says what the outputs look like.
Result<const Decoder*> choose_decoder(std::string_view name, std::span<const Tensor> outputs);

}  // namespace pinfer
