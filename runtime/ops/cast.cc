// SPDX-License-Identifier: Apache-2.0
// CAST: numbers of any type to any other; quantization plays no part.
#include "runtime/kernels/cast/cast.h"

#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(1, 1, 1));
  const DType from = context.input(0).dtype, to = context.output(0).dtype;
  if (to == DType::resource || select_cast(from, context.isa()) == nullptr)
    return context.unsupported("{} to {}", to_string(from), to_string(to));
  return context.set_output_shape(0, context.input(0).shape);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const CastKernel& kernel = *select_cast(context.input(0).dtype, context.isa());
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const DType to = context.output(0).dtype;
  const std::int64_t count = elements(context.output(0).shape);
  return make_step(
      {.kernel = kernel.name}, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
          compute({run.data<std::byte>(in), run.data<std::byte>(out), to, begin, end});
        });
        return Status::ok;
      });
}

}  // namespace

extern const Operator cast_operator;
constexpr Operator cast_operator{.name = "CAST", .infer = infer, .prepare = prepare};

}  // namespace pinfer
