// SPDX-License-Identifier: Apache-2.0
// What CONV_2D and DEPTHWISE_CONV_2D share: one step over two kernel families.
#pragma once

#include "runtime/core/aligned_buffer.h"
#include "runtime/core/checked.h"
#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/depthwise/depthwise.h"
#include "runtime/kernels/dynamic_range.h"
#include "runtime/kernels/fully_connected/fully_connected.h"
#include "runtime/kernels/transpose_conv/transpose_conv.h"
#include "runtime/ops/mac_setup.h"

namespace pinfer {

// Everything about a convolution but its channels: window sizes, strides, padding, output size.
// Precondition: input 0 and filter 1 have rank 4; the filter's dimensions 1 and 2 are the window.
Result<ConvShape> window_shape(const NodeContext& context, const ConvParams& params);

// Batches of float activations brought to int8 in the step's scratch memory.
struct HybridInput {
  std::int64_t batches = 0, batch_size = 0;
  bool asymmetric = true;
  std::vector<float> filter_scales;  // one per channel, for the kernel
  float common_scale = 1.0f;         // multiplied into the scale of each batch

  [[nodiscard]] std::size_t scratch_bytes() const noexcept;
  // Where in `scratch` the parts lie.
  [[nodiscard]] std::int8_t* values(std::byte* scratch) const noexcept;
  [[nodiscard]] float* scales(std::byte* scratch) const noexcept;
  [[nodiscard]] std::int32_t* zeros(std::byte* scratch) const noexcept;
  void quantize(const float* input, std::byte* scratch) const noexcept;
};

// Are filter and bias (where there is one) known at load?
bool constant_weights(const NodeContext& context, const MacOperands& operands);

// Weights as a matrix of channels by depth.
struct WeightExtent {
  std::int64_t channels = 0, depth = 0;
};
template <class Args>
WeightExtent weight_extent(const Args& args) noexcept {
  const ConvShape& s = args.shape;
  return {s.out_channels, std::int64_t{s.filter_height} * s.filter_width * s.in_channels};
}
inline WeightExtent weight_extent(const FullyConnectedArgs& args) noexcept {
  return {args.shape.channels, args.shape.depth};
}

// Sizes of packed weights are counted in std::size_t. Error over_budget where it is too narrow, as
// it may be on 32-bit boards.
Result<void> check_packed_size(const WeightExtent& weights);

// The weights of a kernel with a packing, in its order; empty for the others, and where weights are
// not known at load. `args` is complete but for filter and bias.
template <class Args, class Kernel>
Result<AlignedBuffer> pack_weights(const NodeContext& context, const MacOperands& operands,
                                   const Kernel& kernel, Args args) {
  if (kernel.packing.pack == nullptr) return AlignedBuffer{};
  PINFER_CHECK(check_packed_size(weight_extent(args)));
  if (!constant_weights(context, operands)) return AlignedBuffer{};
  args.filter = context.value(operands.filter).data();
  args.bias = context.has_input(operands.bias) ? context.value(operands.bias).data() : nullptr;
  PINFER_TRY(AlignedBuffer packed, AlignedBuffer::create(kernel.packing.packed_bytes(args)));
  kernel.packing.pack(args, packed.data());
  return packed;
}

// With its memory, which `= {}` would keep.
template <class T>
void release(std::vector<T>& numbers) noexcept {
  std::vector<T>().swap(numbers);
}

// What a kernel with a packing does to the input before its blocks run.
template <class Args, class Kernel>
void arrange_input(ThreadPool& pool, const Kernel& kernel, const Args& args) noexcept {
  if (kernel.packing.arrange == nullptr) return;
  constexpr std::size_t kWorthSharing = 65536;  // bytes
  const std::int64_t units = kernel.packing.arrange_units(args);
  const bool shared = kernel.packing.scratch_bytes(args) >= kWorthSharing;
  const std::int64_t each = shared ? (units + pool.threads() - 1) / pool.threads() : units;
  pool.parallel_for(
      units, std::max<std::int64_t>(each, 1),
      [&](std::int64_t begin, std::int64_t end) { kernel.packing.arrange(args, begin, end); });
}

// Scratch of one run: the arranged input of a kernel with a packing, or the quantized one.
template <class Args, class Kernel>
std::size_t scratch_bytes_of(const Kernel& kernel, const Args& args, const HybridInput& hybrid) {
  const auto arranged = kernel.packing.scratch_bytes;
  return arranged != nullptr ? arranged(args) : hybrid.scratch_bytes();
}

// The rows of a MacBlock.
inline std::int64_t block_rows(const ConvArgs& args) noexcept {
  return static_cast<std::int64_t>(args.shape.batches) * args.shape.out_height *
         args.shape.out_width;
}
inline std::int64_t block_rows(const DepthwiseArgs& args) noexcept {
  return static_cast<std::int64_t>(args.shape.batches) * args.shape.out_height;
}

inline std::int64_t block_rows(const TransposeConvArgs& args) noexcept {
  return static_cast<std::int64_t>(args.shape.batches) * args.shape.out_height;
}

// Threads share channels, not rows, where pixels are fewer: then the weights, not the input, are
// read once; and a depthwise convolution finds its channels where the one before left them, in the
// cache of the same core.
inline bool prefers_channels(const ConvArgs& args, const MacGrain& grain) noexcept {
  return grain.rows > 1 && args.shape.out_channels > block_rows(args);
}
inline bool prefers_channels(const DepthwiseArgs& args, const MacGrain& grain) noexcept {
  return grain.channels >= kCacheLine &&
         args.shape.out_channels > block_rows(args) * args.shape.out_width;
}
inline bool prefers_channels(const TransposeConvArgs&, const MacGrain&) noexcept { return false; }

// The step of a convolution. Args and Kernel are those of the family.
template <class Args, class Kernel>
struct ConvStep {
  Args args;  // without pointers
  const Kernel* kernel = nullptr;
  TensorId input = kNoTensor, filter = kNoTensor, bias = kNoTensor, output = kNoTensor;
  std::int64_t macs = 0;
  std::vector<Multiplier> multipliers;  // empty where `packed` holds them
  AlignedBuffer packed;
  HybridInput hybrid;

  // Of weights that another step computes, in front of the scratch.
  [[nodiscard]] std::size_t bytes_packed_in_each_run() const noexcept {
    if (kernel->packing.pack == nullptr || packed.size() > 0) return 0;
    return round_up<std::size_t>(kernel->packing.packed_bytes(args), kAlignment);
  }

  // With the addresses of one run; scratch memory begins where the run's does.
  [[nodiscard]] Args bind(const RunContext& run) const noexcept {
    Args now = args;
    now.input = run.data<const void>(input);
    now.filter = run.data<const void>(filter);
    now.bias = run.data<const void>(bias);
    now.output = run.data<void>(output);
    now.multipliers = multipliers.data();
    now.packed = packed.data();
    now.scratch = run.scratch;
    return now;
  }

  Status operator()(const RunContext& run) const noexcept {
    Args now = bind(run);
    if (const std::size_t bytes = bytes_packed_in_each_run(); bytes > 0) {
      kernel->packing.pack(now, run.scratch);
      now.packed = run.scratch;
      now.scratch = run.scratch + bytes;
    }
    if (kernel->types == MacTypes::hybrid) {
      hybrid.quantize(static_cast<const float*>(now.input), run.scratch);
      now.input = hybrid.values(run.scratch);
      now.input_scales = hybrid.scales(run.scratch);
      now.input_zeros = hybrid.zeros(run.scratch);
      now.filter_scales = hybrid.filter_scales.data();
    }
    arrange_input(*run.pool, *kernel, now);
    for_blocks(
        *run.pool, block_rows(now), now.shape.out_channels, macs,
        [&](const MacBlock& block) { kernel->run(now, block); }, kernel->packing.grain,
        prefers_channels(now, kernel->packing.grain));
    return Status::ok;
  }
};

// The step as chains see it.
template <class Args, class Kernel>
class MacStep final : public Step {
 public:
  MacStep(const StepInfo& step_info, ConvStep<Args, Kernel>&& conv)
      : Step(step_info), conv_(std::move(conv)) {}
  Status run(const RunContext& context) const noexcept override { return conv_(context); }
  [[nodiscard]] const ConvStep<Args, Kernel>& conv() const noexcept { return conv_; }

 private:
  ConvStep<Args, Kernel> conv_;
};

// What one convolution is, apart from its tensors.
struct ConvPlan {
  MacTypes types = MacTypes::s8;
  ConvShape shape;
  Activation activation = Activation::none;
  bool uint8_scheme = false;
  std::int64_t macs = 0;
};

// Fills what does not depend on the family: ids, zero points, clamp, multipliers.
template <class Args, class Kernel>
Result<ConvStep<Args, Kernel>> conv_step(const NodeContext& context, const MacOperands& operands,
                                         const ConvPlan& plan) {
  ConvStep<Args, Kernel> step;
  const ConvShape& shape = plan.shape;
  step.args.shape = shape;
  step.input = context.input_id(operands.input);
  step.filter = context.input_id(operands.filter);
  step.bias = context.input_id(operands.bias);
  step.output = context.output_id(0);
  step.macs = plan.macs;
  step.args.range = float_clamp(plan.activation);
  if (is_integer(plan.types)) {
    step.args.input_zero = context.input(operands.input).zero_point();
    step.args.filter_zero = context.input(operands.filter).zero_point();
    step.args.output_zero = context.output(0).zero_point();
    PINFER_TRY(step.args.clamp, integer_clamp(context, plan.activation));
    PINFER_TRY(step.multipliers,
               channel_multipliers(context, operands, plan.uint8_scheme ? MacTypes::u8 : plan.types,
                                   shape.out_channels));
  } else if (plan.types == MacTypes::hybrid) {
    const std::int64_t count = elements(context.input(operands.input).shape);
    step.hybrid.batches = shape.batches;
    step.hybrid.batch_size = shape.batches == 0 ? 0 : count / shape.batches;
    step.hybrid.filter_scales = channel_scales(context.input(operands.filter), shape.out_channels);
  }
  return step;
}

// What set-up knows of a step whose kernel is chosen.
template <class Args, class Kernel>
StepInfo info_of(const ConvStep<Args, Kernel>& step) {
  return {.kernel = step.kernel->name,
          .macs = step.macs,
          .scratch_bytes = step.bytes_packed_in_each_run() +
                           scratch_bytes_of(*step.kernel, step.args, step.hybrid),
          .weights_packed = step.packed.size() > 0};
}
template <class Args, class Kernel>
Result<std::unique_ptr<Step>> finish_conv(const NodeContext& context, const MacOperands& operands,
                                          ConvStep<Args, Kernel> step) {
  Args args = step.args;
  args.multipliers = step.multipliers.data();
  PINFER_TRY(step.packed, pack_weights(context, operands, *step.kernel, args));
  if (step.packed.size() > 0) release(step.multipliers);
  const StepInfo info = info_of(step);
  return std::make_unique<MacStep<Args, Kernel>>(info, std::move(step));
}

}  // namespace pinfer
