// SPDX-License-Identifier: Apache-2.0
// The four outputs of TFLite_Detection_PostProcess: boxes [1xNx4] (ymin xmin ymax xmax, fractions
// of the input), classes [1xN], scores [1xN], count [1]; all float32.
#include <cmath>

#include "apps/pipeline/decoders/scores.h"

namespace pinfer {
namespace {

constexpr float kMaxClass = 65535.0f;  // beyond any label file; keeps the cast defined

Result<void> check(std::span<const Tensor> outputs) {
  if (outputs.size() != 4) {
    return fail(ErrorCode::unsupported,
                "decoder ssd reads four outputs (boxes, classes, scores, count), the model has {} "
                "(did you mean classification?)",
                outputs.size());
  }
  for (const Tensor& output : outputs) {
    if (output.info->dtype != DType::f32) {
      return fail(ErrorCode::unsupported, "decoder ssd reads float32, output '{}' is {}",
                  output.info->name, to_string(output.info->dtype));
    }
  }
  const std::int64_t boxes = elements(outputs[1].info->shape);
  const Shape& corners = outputs[0].info->shape;
  if (boxes < 1 || corners.empty() || corners[corners.size() - 1] != 4 ||
      elements(corners) != 4 * boxes || elements(outputs[2].info->shape) != boxes ||
      elements(outputs[3].info->shape) != 1) {
    return fail(
        ErrorCode::unsupported,
        "decoder ssd reads boxes [1xNx4], classes [1xN], scores [1xN], count [1]; the model "
        "gives {}, {}, {}, {}",
        to_string(corners), to_string(outputs[1].info->shape), to_string(outputs[2].info->shape),
        to_string(outputs[3].info->shape));
  }
  return {};
}

Status decode(std::span<const Tensor> outputs, const DecodeOptions& options,
              Predictions& predictions) noexcept {
  predictions.clear();
  const std::span<const float> boxes = outputs[0].as<float>();
  const std::span<const float> classes = outputs[1].as<float>();
  const std::span<const float> scores = outputs[2].as<float>();
  const float count = outputs[3].as<float>()[0];
  if (!std::isfinite(count)) return Status::bad_value;
  const auto used =
      static_cast<std::size_t>(std::clamp(count, 0.0f, static_cast<float>(classes.size())));
  for (std::size_t i = 0; i < used; ++i) {
    const float* corner = &boxes[4 * i];
    const bool finite = std::isfinite(corner[0]) && std::isfinite(corner[1]) &&
                        std::isfinite(corner[2]) && std::isfinite(corner[3]) &&
                        std::isfinite(scores[i]);
    if (!finite || !(classes[i] >= 0.0f && classes[i] <= kMaxClass)) {
      predictions.clear();
      return Status::bad_value;
    }
    const Box box = options.geometry.to_picture({corner[1], corner[0], corner[3], corner[2]});
    keep_best(predictions, {static_cast<std::int32_t>(classes[i]), scores[i], box}, options);
  }
  return Status::ok;
}

}  // namespace

extern const Decoder ssd_decoder;
const Decoder ssd_decoder = {"ssd", "boxes of TFLite_Detection_PostProcess", check, decode};

}  // namespace pinfer
