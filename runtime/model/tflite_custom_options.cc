// SPDX-License-Identifier: Apache-2.0
// Parameters of custom operators: FlexBuffers maps.
#include <flatbuffers/flexbuffers.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/model/tflite_options.h"

namespace pinfer {
namespace {

// Real maps have 300 bytes. Many operators may share one: small, so that checking all stays cheap.
constexpr std::size_t kMaxOptionBytes = 2048;

// A map entry as int32; `otherwise` when the map lacks it.
Result<std::int32_t> integer(const flexbuffers::Map& map, const char* key, std::int32_t otherwise) {
  const flexbuffers::Reference entry = map[key];
  if (entry.IsNull()) return otherwise;
  if (!entry.IsNumeric() && !entry.IsBool())
    return fail(ErrorCode::invalid_model, "V5: option '{}' must be a number", key);
  if (entry.IsFloat())
    return fail(ErrorCode::invalid_model, "V5: option '{}' must be a whole number", key);
  const std::int64_t value = entry.AsInt64();
  if (value < std::numeric_limits<std::int32_t>::min() ||
      value > std::numeric_limits<std::int32_t>::max())
    return fail(ErrorCode::invalid_model, "V5: option '{}' is {}", key, value);
  return static_cast<std::int32_t>(value);
}

Result<float> real(const flexbuffers::Map& map, const char* key, float otherwise) {
  const flexbuffers::Reference entry = map[key];
  if (entry.IsNull()) return otherwise;
  if (!entry.IsNumeric())
    return fail(ErrorCode::invalid_model, "V5: option '{}' must be a number", key);
  const double value = entry.AsDouble();
  if (!std::isfinite(value) || std::fabs(value) > std::numeric_limits<float>::max())
    return fail(ErrorCode::invalid_model, "V5: option '{}' is {}", key, value);
  return static_cast<float>(value);
}

Result<OpParams> detection(const flexbuffers::Map& map) {
  DetectionPostProcessParams p;
  PINFER_TRY(p.max_detections, integer(map, "max_detections", p.max_detections));
  PINFER_TRY(p.max_classes_per_detection,
             integer(map, "max_classes_per_detection", p.max_classes_per_detection));
  PINFER_TRY(p.detections_per_class, integer(map, "detections_per_class", p.detections_per_class));
  PINFER_TRY(p.num_classes, integer(map, "num_classes", p.num_classes));
  PINFER_TRY(p.nms_score_threshold, real(map, "nms_score_threshold", p.nms_score_threshold));
  PINFER_TRY(p.nms_iou_threshold, real(map, "nms_iou_threshold", p.nms_iou_threshold));
  constexpr std::array kScales = {"y_scale", "x_scale", "h_scale", "w_scale"};
  for (std::size_t i = 0; i < kScales.size(); ++i) {
    PINFER_TRY(p.scale[i], real(map, kScales[i], p.scale[i]));
  }
  PINFER_TRY(const std::int32_t regular, integer(map, "use_regular_nms", 0));
  p.use_regular_nms = regular != 0;
  return OpParams(p);
}

}  // namespace

Result<OpParams> read_custom_options(std::string_view custom_code,
                                     std::span<const std::byte> options) {
  if (custom_code != "TFLite_Detection_PostProcess" || options.empty()) return OpParams{};
  if (options.size() > kMaxOptionBytes)
    return fail(ErrorCode::invalid_model, "V1: its options have {} bytes, at most {} are allowed",
                options.size(), kMaxOptionBytes);
  // FlexBuffers read numbers in place: an aligned copy.
  const auto* first = reinterpret_cast<const std::uint8_t*>(options.data());
  const std::vector<std::uint8_t> bytes(first, first + options.size());
  std::vector<std::uint8_t> seen;
  if (!flexbuffers::VerifyBuffer(bytes.data(), bytes.size(), &seen))
    return fail(ErrorCode::invalid_model, "V1: its options are damaged");
  const flexbuffers::Reference root = flexbuffers::GetRoot(bytes.data(), bytes.size());
  if (!root.IsMap()) return fail(ErrorCode::invalid_model, "V1: its options are no map");
  return detection(root.AsMap());
}

}  // namespace pinfer
