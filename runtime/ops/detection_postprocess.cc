// SPDX-License-Identifier: Apache-2.0
// TFLite_Detection_PostProcess (custom): SSD boxes relative to anchors become final detections.
#include <cmath>
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
  float scale = 1.0f, zero_point = 0.0f;

  static Reals of(const NodeContext& context, int input) {
    const TensorInfo& info = context.input(input);
    return {context.input_id(input), info.dtype, info.scale(),
            static_cast<float>(info.zero_point())};
  }
  [[nodiscard]] float at(const RunContext& run, std::int64_t i) const noexcept {
    if (dtype == DType::f32) return run.data<float>(tensor)[i];
    const float q = dtype == DType::u8 ? static_cast<float>(run.data<std::uint8_t>(tensor)[i])
                                       : static_cast<float>(run.data<std::int8_t>(tensor)[i]);
    return (q - zero_point) * scale;
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
  std::array<TensorId, 4> outputs{};
  std::int32_t code_size = 4;
  Params params{};
  DetectArgs args{};
  const DetectKernel* kernel = nullptr;

  struct Memory {
    CornerBox* boxes = nullptr;
    float* scores = nullptr;
    DetectScratch scratch{};
    std::size_t bytes = 0;
  };
  [[nodiscard]] Memory cut(std::byte* base) const noexcept {
    Cutter cutter(base);
    Memory memory;
    memory.boxes = cutter.take<CornerBox>(args.box_count);
    if (scores.dtype != DType::f32)
      memory.scores = cutter.take<float>(std::int64_t{args.box_count} * args.score_stride);
    memory.scratch.scores = cutter.take<float>(args.box_count);
    memory.scratch.order = cutter.take<std::int32_t>(std::max(args.box_count, args.classes));
    memory.scratch.active = cutter.take<std::uint8_t>(args.box_count);
    memory.scratch.kept = cutter.take<std::int32_t>(args.max_detections);
    memory.scratch.best = cutter.take<RankedBox>(2 * std::int64_t{args.max_detections});
    memory.scratch.merged = cutter.take<RankedBox>(args.max_detections);
    memory.bytes = cutter.used();
    return memory;
  }

  // False when a box has a negative side.
  bool decode(const RunContext& run, CornerBox* out) const noexcept {
    const auto real = [](float value) { return static_cast<double>(value); };
    for (std::int64_t i = 0; i < args.box_count; ++i) {
      std::array<double, 4> box{}, anchor{};  // y x h w
      for (std::size_t k = 0; k < 4; ++k) {
        const auto j = static_cast<std::int64_t>(k);
        box[k] = real(boxes.at(run, i * code_size + j)) / real(params.scale[k]);
        anchor[k] = real(anchors.at(run, i * 4 + j));
      }
      const auto y = static_cast<float>(box[0] * anchor[2] + anchor[0]);
      const auto x = static_cast<float>(box[1] * anchor[3] + anchor[1]);
      const auto half_h = static_cast<float>(0.5 * std::exp(box[2]) * anchor[2]);
      const auto half_w = static_cast<float>(0.5 * std::exp(box[3]) * anchor[3]);
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
    if (memory.scores != nullptr) {
      const std::int64_t count = std::int64_t{args.box_count} * args.score_stride;
      for (std::int64_t i = 0; i < count; ++i) memory.scores[i] = scores.at(run, i);
      now.scores = memory.scores;
    } else {
      now.scores = run.data<float>(scores.tensor);
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
  for (std::size_t i = 0; i < 4; ++i) step.outputs[i] = context.output_id(static_cast<int>(i));
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
  return make_step(info, step);
}

}  // namespace

extern const Operator detection_postprocess_operator;
const Operator detection_postprocess_operator{
    .name = "TFLite_Detection_PostProcess", .infer = infer, .prepare = prepare};

}  // namespace pinfer
