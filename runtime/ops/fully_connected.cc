// SPDX-License-Identifier: Apache-2.0
// FULLY_CONNECTED: rows of activations times the transposed weights [channels][depth].
#include "runtime/kernels/fully_connected/fully_connected.h"
#include "runtime/ops/conv_setup.h"

namespace pinfer {
namespace {

constexpr MacOperands kOperands{.input = 0, .filter = 1, .bias = 2, .filter_axis = 0};

// The result keeps the leading dimensions of the input, or is [rows][channels].
Result<Shape> output_shape(const NodeContext& context, const FullyConnectedShape& shape) {
  if (!context.params<FullyConnectedParams>().keep_num_dims)
    return Shape{static_cast<std::int32_t>(shape.rows), shape.channels};
  Shape out = context.input(0).shape;
  if (out.empty() || out[out.size() - 1] != shape.depth)
    return context.error("V8", "the last dimension of {} is not the filter's depth {}",
                         context.name_of(context.input_id(0)), shape.depth);
  out[out.size() - 1] = shape.channels;
  return out;
}

Result<FullyConnectedShape> matrix_shape(const NodeContext& context) {
  const Shape& filter = context.input(1).shape;
  FullyConnectedShape shape;
  shape.channels = filter[0];
  shape.depth = filter[1];
  if (shape.channels < 1 || shape.depth < 1)
    return context.error("V4", "the filter is {}", context.name_of(context.input_id(1)));
  const std::int64_t count = elements(context.input(0).shape);
  if (count % shape.depth != 0)
    return context.error("V8", "{} does not divide into rows of the filter's depth {}",
                         context.name_of(context.input_id(0)), shape.depth);
  shape.rows = count / shape.depth;
  return shape;
}

// input scale * filter scale / output scale, one per channel (rule V10).
Result<std::vector<double>> channel_factors(const NodeContext& context, std::int32_t channels) {
  const double input = static_cast<double>(context.input(0).scale());
  const double output = static_cast<double>(context.output(0).scale());
  std::vector<double> factors;
  for (const float scale : channel_scales(context.input(1), channels)) {
    factors.push_back(input * static_cast<double>(scale) / output);
    if (Multiplier unused; !quantize_multiplier(factors.back(), unused))
      return context.error("V10", "the multiplier of channel {} is {}, which is out of range",
                           factors.size() - 1, factors.back());
  }
  return factors;
}

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 3, 1));
  const auto params = context.params<FullyConnectedParams>();
  if (params.shuffled_weights) return context.unsupported("shuffled weights");
  PINFER_CHECK(context.expect_rank(1, 2, 2));
  PINFER_TRY(const MacTypes types, mac_types(context, kOperands));
  PINFER_TRY(const FullyConnectedShape shape, matrix_shape(context));
  PINFER_CHECK(check_mac_quant(context, kOperands, types, types != MacTypes::hybrid));
  PINFER_CHECK(check_bias(context, kOperands, shape.channels));
  if (is_integer(types) && !context.input(1).quant.per_channel())
    PINFER_CHECK(check_bias_scale(context, kOperands));
  PINFER_CHECK(expect_clamp(context, params.activation));
  if (is_integer(types)) PINFER_CHECK(channel_factors(context, shape.channels));
  PINFER_TRY(const Shape out, output_shape(context, shape));
  return context.set_output_shape(0, out);
}

struct FullyConnectedStep {
  FullyConnectedArgs args;  // without pointers
  const FullyConnectedKernel* kernel = nullptr;
  TensorId input = kNoTensor, filter = kNoTensor, bias = kNoTensor, output = kNoTensor;
  std::vector<double> factors;  // empty where `packed` holds them
  AlignedBuffer packed;
  HybridInput hybrid;

  Status operator()(const RunContext& run) const noexcept {
    FullyConnectedArgs now = args;
    now.input = run.data<const void>(input);
    now.filter = run.data<const void>(filter);
    now.bias = run.data<const void>(bias);
    now.output = run.data<void>(output);
    now.scales = factors.data();
    now.packed = packed.data();
    now.scratch = run.scratch;
    if (kernel->types == MacTypes::hybrid) {
      hybrid.quantize(static_cast<const float*>(now.input), run.scratch);
      now.input = hybrid.values(run.scratch);
      now.input_scales = hybrid.scales(run.scratch);
      now.input_zeros = hybrid.zeros(run.scratch);
      now.filter_scales = hybrid.filter_scales.data();
    }
    arrange_input(*run.pool, *kernel, now);
    const FullyConnectedShape& shape = now.shape;
    for_blocks(*run.pool, shape.rows, shape.channels, kernel_macs(shape),
               [&](const MacBlock& block) { kernel->run(now, block); });
    return Status::ok;
  }

  static std::int64_t kernel_macs(const FullyConnectedShape& shape) noexcept {
    return shape.rows * shape.channels * shape.depth;
  }
};

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const auto params = context.params<FullyConnectedParams>();
  PINFER_TRY(const MacTypes types, mac_types(context, kOperands));
  FullyConnectedStep step;
  PINFER_TRY(step.args.shape, matrix_shape(context));
  const FullyConnectedShape& shape = step.args.shape;
  step.kernel =
      &select_fully_connected(context.isa(), types, shape, constant_weights(context, kOperands));
  step.input = context.input_id(0);
  step.filter = context.input_id(1);
  step.bias = context.input_id(2);
  step.output = context.output_id(0);
  step.args.range = float_clamp(params.activation);
  if (is_integer(types)) {
    step.args.input_zero = context.input(0).zero_point();
    step.args.filter_zero = context.input(1).zero_point();
    step.args.output_zero = context.output(0).zero_point();
    PINFER_TRY(step.args.clamp, integer_clamp(context, params.activation));
    PINFER_TRY(step.factors, channel_factors(context, shape.channels));
  } else if (types == MacTypes::hybrid) {
    step.hybrid.batches = shape.rows;
    step.hybrid.batch_size = shape.depth;
    step.hybrid.asymmetric = params.asymmetric_quantize_inputs;
    step.hybrid.filter_scales = channel_scales(context.input(1), shape.channels);
    if (!context.input(1).quant.per_channel()) {
      step.hybrid.common_scale = context.input(1).scale();
      std::fill(step.hybrid.filter_scales.begin(), step.hybrid.filter_scales.end(), 1.0f);
    }
  }
  FullyConnectedArgs args = step.args;
  args.scales = step.factors.data();
  args.filter_scales = step.hybrid.filter_scales.data();
  PINFER_TRY(step.packed, pack_weights(context, kOperands, *step.kernel, args));
  if (step.packed.size() > 0) {
    release(step.factors);
    release(step.hybrid.filter_scales);
  }
  const StepInfo info{.kernel = step.kernel->name,
                      .macs = FullyConnectedStep::kernel_macs(shape),
                      .scratch_bytes = scratch_bytes_of(*step.kernel, step.args, step.hybrid),
                      .weights_packed = step.kernel->packing.pack != nullptr};
  FullyConnectedArgs shown = step.args;
  shown.scales = step.factors.data();
  return make_open_step(info, shown, std::move(step));
}

}  // namespace

extern const Operator fully_connected_operator;
const Operator fully_connected_operator{
    .name = "FULLY_CONNECTED", .infer = infer, .prepare = prepare};

}  // namespace pinfer
