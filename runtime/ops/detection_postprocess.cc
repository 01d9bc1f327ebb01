// SPDX-License-Identifier: Apache-2.0
// TFLite_Detection_PostProcess (custom): SSD boxes relative to anchors become final detections.
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "runtime/core/checked.h"
#include "runtime/kernels/postprocess/postprocess.h"
#include "runtime/ops/operator.h"

namespace pinfer {
namespace {

constexpr std::int64_t kMaxComparisons = 100'000'000'000;  // rule V12

using Params = DetectionPostProcessParams;

Result<void> check_params(const NodeContext& context, const Params& p) {
  if (p.max_detections < 1 || p.max_classes_per_detection < 1 || p.detections_per_class < 1 ||
      p.num_classes < 1)
    return context.error("V5",
                         "max_detections {}, max_classes_per_detection {}, detections_per_class {} "
                         "and num_classes {} must be 1 or more",
                         p.max_detections, p.max_classes_per_detection, p.detections_per_class,
                         p.num_classes);
  if (!(p.nms_iou_threshold > 0.0f && p.nms_iou_threshold <= 1.0f))
    return context.error("V5", "nms_iou_threshold is {}, it must be above 0 and at most 1",
                         p.nms_iou_threshold);
  for (const float scale : p.scale)
    if (!std::isfinite(scale) || scale == 0.0f)
      return context.error("V5", "a box scale is {}", scale);
  return {};
}

Result<void> check_inputs(const NodeContext& context, const Params& p) {
  for (int i = 0; i < 3; ++i) {
    PINFER_CHECK(context.expect_type(i, {DType::f32, DType::u8, DType::i8}));
    if (context.input(i).dtype != DType::f32)
      PINFER_CHECK(context.expect_per_tensor_quant(context.input(i)));
  }
  PINFER_CHECK(context.expect_rank(0, 3, 3));
  PINFER_CHECK(context.expect_rank(1, 3, 3));
  PINFER_CHECK(context.expect_rank(2, 2, 2));
  const Shape& boxes = context.input(0).shape;
  const Shape& scores = context.input(1).shape;
  const Shape& anchors = context.input(2).shape;
  if (boxes[0] != 1 || scores[0] != 1 || boxes[2] < 4 || scores[1] != boxes[1] ||
      anchors[0] != boxes[1] || anchors[1] != 4)
    return context.error("V8", "boxes {}, scores {} and anchors {} do not agree", to_string(boxes),
                         to_string(scores), to_string(anchors));
  if (scores[2] != p.num_classes && scores[2] != std::int64_t{p.num_classes} + 1)
    return context.error("V8", "there are {} scores a box for {} classes", scores[2],
                         p.num_classes);
  const std::int64_t rounds = p.use_regular_nms ? p.num_classes : 1;
  const auto pairs = checked_mul<std::int64_t>(boxes[1], std::min(boxes[1], p.max_detections));
  if (!pairs || *pairs > kMaxComparisons / rounds)
    return context.error("V12", "{} boxes in {} classes with {} detections take too long", boxes[1],
                         p.num_classes, p.max_detections);
  return {};
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(3, 3, 4));
  const auto params = context.params<Params>();
  PINFER_CHECK(check_params(context, params));
  PINFER_CHECK(check_inputs(context, params));
  for (int i = 0; i < 4; ++i) PINFER_CHECK(context.expect_output_type(i, DType::f32));
  const std::int64_t count = std::int64_t{params.max_detections} * params.max_classes_per_detection;
  if (count > kMaxElements / 4) return context.error("V4", "{} detections are too many", count);
  const auto n = static_cast<std::int32_t>(count);
  PINFER_CHECK(context.set_output_shape(0, Shape{1, n, 4}));
  PINFER_CHECK(context.set_output_shape(1, Shape{1, n}));
  PINFER_CHECK(context.set_output_shape(2, Shape{1, n}));
  return context.set_output_shape(3, Shape{1});
}

// A float32 or 8-bit tensor, read as real numbers.
struct Reals {
  TensorId tensor = kNoTensor;
  DType dtype = DType::f32;
  std::vector<float> values{};  // 8 bits: what each byte stands for

  static Reals of(const NodeContext& context, int input) {
    const TensorInfo& info = context.input(input);
    Reals reals{context.input_id(input), info.dtype};
    if (info.dtype == DType::f32) return reals;
    const auto zero = static_cast<float>(info.zero_point());
    for (int byte = 0; byte < 256; ++byte) {
      const int q = info.dtype == DType::u8 ? byte : static_cast<std::int8_t>(byte);
      reals.values.push_back((static_cast<float>(q) - zero) * info.scale());
    }
    return reals;
  }
  [[nodiscard]] float at(const RunContext& run, std::int64_t i) const noexcept {
    if (dtype == DType::f32) return run.data<float>(tensor)[i];
    return values[run.data<std::uint8_t>(tensor)[i]];
  }
};

// One coordinate of the boxes over its scale; sizes become half of their exponential.
struct Coordinate {
  double scale = 1.0;
  bool is_size = false;
  std::vector<double> decoded{};  // 8 bits: of each byte

  static Coordinate of(const Reals& boxes, float scale, bool is_size) {
    Coordinate result{static_cast<double>(scale), is_size};
    for (const float value : boxes.values) result.decoded.push_back(result.of_real(value));
    return result;
  }
  [[nodiscard]] double of_real(float value) const noexcept {
    const double scaled = static_cast<double>(value) / scale;
    return is_size ? 0.5 * std::exp(scaled) : scaled;
  }
  [[nodiscard]] double at(const RunContext& run, const Reals& boxes,
                          std::int64_t i) const noexcept {
    if (boxes.dtype == DType::f32) return of_real(run.data<float>(boxes.tensor)[i]);
    return decoded[run.data<std::uint8_t>(boxes.tensor)[i]];
  }
};

// Scratch is cut into arrays, in this order, each on a 64-byte boundary.
class Cutter {
 public:
  explicit Cutter(std::byte* base) : base_(base) {}
  template <class T>
  T* take(std::int64_t count) noexcept {
    T* result = base_ == nullptr ? nullptr : reinterpret_cast<T*>(base_ + used_);
    used_ += round_up(static_cast<std::size_t>(count) * sizeof(T), std::size_t{64});
    return result;
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }

 private:
  std::byte* base_;
  std::size_t used_ = 0;
};

struct Detect {
  Reals boxes{}, scores{}, anchors{};
  std::array<Coordinate, 4> coordinates{};  // y x h w
  std::array<TensorId, 4> outputs{};
  std::int32_t code_size = 4;
  Params params{};
  DetectArgs args{};
  const DetectKernel* kernel = nullptr;

  struct Memory {
    CornerBox* boxes = nullptr;
    DetectScratch scratch{};
    std::size_t bytes = 0;
  };
  [[nodiscard]] Memory cut(std::byte* base) const noexcept {
    Cutter cutter(base);
    Memory memory;
    memory.boxes = cutter.take<CornerBox>(args.box_count);
    memory.scratch.row = cutter.take<float>(args.classes);
    memory.scratch.scores = cutter.take<float>(args.box_count);
    memory.scratch.order = cutter.take<std::int32_t>(std::max(args.box_count, args.classes));
    memory.scratch.kept = cutter.take<std::int32_t>(args.max_detections);
    memory.scratch.best = cutter.take<RankedBox>(2 * std::int64_t{args.max_detections});
    memory.scratch.merged = cutter.take<RankedBox>(args.max_detections);
    memory.bytes = cutter.used();
    return memory;
  }

  // False when a box has a negative side.
  bool decode(const RunContext& run, CornerBox* out) const noexcept {
    for (std::int64_t i = 0; i < args.box_count; ++i) {
      std::array<double, 4> box{}, anchor{};
      for (std::size_t k = 0; k < 4; ++k) {
        const auto j = static_cast<std::int64_t>(k);
        box[k] = coordinates[k].at(run, boxes, i * code_size + j);
        anchor[k] = static_cast<double>(anchors.at(run, i * 4 + j));
      }
      const auto y = static_cast<float>(box[0] * anchor[2] + anchor[0]);
      const auto x = static_cast<float>(box[1] * anchor[3] + anchor[1]);
      const auto half_h = static_cast<float>(box[2] * anchor[2]);
      const auto half_w = static_cast<float>(box[3] * anchor[3]);
      out[i] = {y - half_h, x - half_w, y + half_h, x + half_w};
      if (out[i].y_min > out[i].y_max || out[i].x_min > out[i].x_max) return false;
    }
    return true;
  }

  Status operator()(const RunContext& run) const noexcept {
    const Memory memory = cut(run.scratch);
    if (!decode(run, memory.boxes)) return Status::bad_value;
    DetectArgs now = args;
    now.boxes = memory.boxes;
    now.scratch = memory.scratch;
    if (scores.dtype == DType::f32) {
      now.scores = run.data<float>(scores.tensor);
    } else {
      now.score_bytes = run.data<std::uint8_t>(scores.tensor);
      now.score_values = scores.values.data();
      now.score_flip = scores.dtype == DType::i8 ? 0x80 : 0;
    }
    now.out_boxes = run.data<CornerBox>(outputs[0]);
    now.out_labels = run.data<float>(outputs[1]);
    now.out_scores = run.data<float>(outputs[2]);
    now.out_count = run.data<float>(outputs[3]);
    (params.use_regular_nms ? kernel->regular : kernel->fast)(now);
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  Detect step;
  step.params = context.params<Params>();
  step.boxes = Reals::of(context, 0);
  step.scores = Reals::of(context, 1);
  step.anchors = Reals::of(context, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    step.outputs[i] = context.output_id(static_cast<int>(i));
    step.coordinates[i] = Coordinate::of(step.boxes, step.params.scale[i], i >= 2);
  }
  step.code_size = context.input(0).shape[2];
  step.args.box_count = context.input(0).shape[1];
  step.args.score_stride = context.input(1).shape[2];
  step.args.classes = step.params.num_classes;
  step.args.label_offset = step.args.score_stride - step.args.classes;
  step.args.max_detections = step.params.max_detections;
  step.args.classes_per_detection = step.params.max_classes_per_detection;
  step.args.detections_per_class = step.params.detections_per_class;
  step.args.score_threshold = step.params.nms_score_threshold;
  step.args.iou_threshold = step.params.nms_iou_threshold;
  step.kernel = &select_detect(context.isa());
  const StepInfo info{.kernel = step.kernel->name, .scratch_bytes = step.cut(nullptr).bytes};
  return make_step(info, std::move(step));
}

}  // namespace

extern const Operator detection_postprocess_operator;
const Operator detection_postprocess_operator{
    .name = "TFLite_Detection_PostProcess", .infer = infer, .prepare = prepare};

}  // namespace pinfer
