// SPDX-License-Identifier: Apache-2.0
// One output with a score for each class: [1xN] (or [N], [1x1x1xN]).
#include <cmath>

#include "apps/pipeline/decoders/scores.h"

namespace pinfer {
namespace {

Result<void> check(std::span<const Tensor> outputs) {
  if (outputs.size() != 1) {
    return fail(
        ErrorCode::unsupported,
        "decoder classification reads one output, the model has {} (did you mean ssd or raw?)",
        outputs.size());
  }
  const TensorInfo& info = *outputs[0].info;
  const bool one_row = !info.shape.empty() &&
                       elements(info.shape) == info.shape[info.shape.size() - 1] &&
                       elements(info.shape) >= 2;
  if (!one_row || !has_output_values(info.dtype) || info.quant.per_channel()) {
    return fail(ErrorCode::unsupported,
                "decoder classification reads one row of two or more scores, output '{}' is {} {} "
                "(did you mean raw?)",
                info.name, to_string(info.dtype), to_string(info.shape));
  }
  return {};
}

Status decode(std::span<const Tensor> outputs, const DecodeOptions& options,
              Predictions& predictions) noexcept {
  predictions.clear();
  const OutputValues values(outputs[0]);
  float largest = values[0];
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return Status::bad_value;
    largest = std::max(largest, values[i]);
  }
  float sum = 1.0f;
  if (options.softmax) {
    sum = 0.0f;
    for (std::size_t i = 0; i < values.size(); ++i) sum += std::exp(values[i] - largest);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float score = options.softmax ? std::exp(values[i] - largest) / sum : values[i];
    keep_best(predictions, {static_cast<std::int32_t>(i), score, Box{}}, options);
  }
  return Status::ok;
}

}  // namespace

extern const Decoder classification_decoder;
const Decoder classification_decoder = {"classification", "one score for each class", check,
                                        decode};

}  // namespace pinfer
