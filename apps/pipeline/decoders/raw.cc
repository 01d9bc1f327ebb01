// SPDX-License-Identifier: Apache-2.0
// Every value of the first output as it is: class number = position, score = value.
#include <cmath>

#include "apps/pipeline/decoders/scores.h"

namespace pinfer {
namespace {

Result<void> check(std::span<const Tensor> outputs) {
  if (outputs.empty()) return fail(ErrorCode::unsupported, "decoder raw: the model has no output");
  const TensorInfo& info = *outputs[0].info;
  if (elements(info.shape) < 1 || !has_output_values(info.dtype) || info.quant.per_channel()) {
    return fail(
        ErrorCode::unsupported,
        "decoder raw reads float32, int8, uint8, int16 or int32 values, output '{}' is {} {}",
        info.name, to_string(info.dtype), to_string(info.shape));
  }
  return {};
}

Status decode(std::span<const Tensor> outputs, const DecodeOptions& options,
              Predictions& predictions) noexcept {
  predictions.clear();
  const OutputValues values(outputs[0]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      predictions.clear();
      return Status::bad_value;
    }
    keep_best(predictions, {static_cast<std::int32_t>(i), values[i], Box{}}, options);
  }
  return Status::ok;
}

}  // namespace

extern const Decoder raw_decoder;
const Decoder raw_decoder = {"raw", "the values of the first output as they are", check, decode};

}  // namespace pinfer
