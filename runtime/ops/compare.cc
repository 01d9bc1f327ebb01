// SPDX-License-Identifier: Apache-2.0
// EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR.
#include "runtime/kernels/compare/compare.h"
#include "runtime/ops/elementwise.h"

namespace pinfer {
namespace {

bool is_logic(CompareOp op) { return op == CompareOp::logical_and || op == CompareOp::logical_or; }

// int16 is compared by value where only the order matters, as the reference does.
bool is_quantized(const NodeContext& context, CompareOp op) {
  const TensorInfo& in = context.input(0);
  if (!in.quant.quantized() && !context.input(1).quant.quantized()) return false;
  const bool equality = op == CompareOp::equal || op == CompareOp::not_equal;
  return in.dtype == DType::i8 || in.dtype == DType::u8 || (in.dtype == DType::i16 && equality);
}

Result<CompareArgs> compare_args(const NodeContext& context, CompareOp op) {
  const TensorInfo& a = context.input(0);
  const TensorInfo& b = context.input(1);
  CompareArgs args;
  args.op = op;
  args.broadcast = make_broadcast({a.shape, b.shape}, context.output(0).shape);
  if (!is_quantized(context, op)) return args;
  PINFER_CHECK(context.expect_per_tensor_quant(a));
  PINFER_CHECK(context.expect_per_tensor_quant(b));
  args.a_zero = a.zero_point();
  args.b_zero = b.zero_point();
  const int room = a.dtype == DType::i16 ? 6 : 14;  // (q - zero) << 8 leaves so many bits
  PINFER_TRY(args.a_scale, checked_multiplier(context, a.scale(), room));
  PINFER_TRY(args.b_scale, checked_multiplier(context, b.scale(), room));
  return args;
}

template <CompareOp op>
Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(context.expect_operands(2, 2, 1));
  const DType type = context.input(0).dtype;
  if (context.input(1).dtype != type)
    return context.error("V8", "{} and {} have different types",
                         context.name_of(context.input_id(0)),
                         context.name_of(context.input_id(1)));
  PINFER_CHECK(context.expect_output_type(0, DType::boolean));
  const bool ordered = op != CompareOp::equal && op != CompareOp::not_equal;
  if (is_logic(op) != (type == DType::boolean) && !(type == DType::boolean && !ordered))
    return context.unsupported("elements of {}", to_string(type));
  if (select_compare(type, is_quantized(context, op), context.isa()) == nullptr)
    return context.unsupported("elements of {}", to_string(type));
  PINFER_TRY(const Shape shape,
             broadcast_shape(context, context.input(0).shape, context.input(1).shape));
  PINFER_CHECK(context.set_output_shape(0, shape));
  PINFER_CHECK(compare_args(context, op));
  return {};
}

template <CompareOp op>
Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const CompareArgs args, compare_args(context, op));
  const CompareKernel& kernel =
      *select_compare(context.input(0).dtype, is_quantized(context, op), context.isa());
  const TensorId a = context.input_id(0), b = context.input_id(1), out = context.output_id(0);
  const std::int64_t count = elements(context.output(0).shape);
  return make_step(
      {.kernel = kernel.name}, [=, compute = kernel.run](const RunContext& run) noexcept {
        run.pool->parallel_for(count, kElementBlock, [&](std::int64_t begin, std::int64_t end) {
          CompareArgs part = args;
          part.a = run.data<std::byte>(a);
          part.b = run.data<std::byte>(b);
          part.out = run.data<std::uint8_t>(out);
          part.begin = begin;
          part.end = end;
          compute(part);
        });
        return Status::ok;
      });
}

template <CompareOp op>
constexpr Operator make_operator(std::string_view name) {
  return {.name = name, .infer = infer<op>, .prepare = prepare<op>};
}

}  // namespace

extern const Operator equal_operator, not_equal_operator, less_operator, less_equal_operator,
    greater_operator, greater_equal_operator, logical_and_operator, logical_or_operator;
constexpr Operator equal_operator = make_operator<CompareOp::equal>("EQUAL");
constexpr Operator not_equal_operator = make_operator<CompareOp::not_equal>("NOT_EQUAL");
constexpr Operator less_operator = make_operator<CompareOp::less>("LESS");
constexpr Operator less_equal_operator = make_operator<CompareOp::less_equal>("LESS_EQUAL");
constexpr Operator greater_operator = make_operator<CompareOp::greater>("GREATER");
constexpr Operator greater_equal_operator =
    make_operator<CompareOp::greater_equal>("GREATER_EQUAL");
constexpr Operator logical_and_operator = make_operator<CompareOp::logical_and>("LOGICAL_AND");
constexpr Operator logical_or_operator = make_operator<CompareOp::logical_or>("LOGICAL_OR");

}  // namespace pinfer
