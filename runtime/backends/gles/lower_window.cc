// SPDX-License-Identifier: Apache-2.0
// Pools, MEAN and SUM.
#include "runtime/backends/gles/lowering.h"
#include "runtime/kernels/pool/pool.h"
#include "runtime/kernels/reduce/reduce.h"
#include "runtime/ops/mac_setup.h"

namespace pinfer::gles {
namespace {

// Two loops, outer and inner; of 1 where there are fewer.
struct Loops {
  std::int64_t outer = 1, inner = 1, outer_step = 0, inner_step = 0;
};
Loops loops_of(const Walk& walk) {
  Loops loops;
  if (walk.rank >= 1) {
    const auto last = static_cast<std::size_t>(walk.rank - 1);
    loops.inner = walk.dims[last];
    loops.inner_step = walk.steps[last];
  }
  if (walk.rank == 2) {
    loops.outer = walk.dims[0];
    loops.outer_step = walk.steps[0];
  }
  return loops;
}

// Whether four neighbouring outputs always see four elements of one word.
bool in_words(const Loops& kept, const Loops& reduced) {
  return kept.inner_step == 1 && kept.inner % 4 == 0 && kept.outer_step % 4 == 0 &&
         reduced.outer_step % 4 == 0 && reduced.inner_step % 4 == 0;
}

void add_rescaling(Dispatch& dispatch, const ReduceArgs& args, const ClampRange& range) {
  for (const Param& param :
       {Param{"zeros", args.in_zero * args.reduced.count}, Param{"out_zero", args.out_zero},
        Param{"low", range.low}, Param{"high", range.high}, Param{"mantissa", args.scale.mantissa},
        Param{"shift", args.scale.shift}})
    dispatch.params.push_back(param);
}

}  // namespace

Result<bool> lower_pool(const Lowering& lowering);
Result<bool> lower_pool(const Lowering& lowering) {
  const auto* args = args_of<PoolArgs>(lowering.step);
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  const std::string& op = context.node().op;
  const bool real = type == DType::f32, maximum = op == "MAX_POOL_2D";
  if (args == nullptr || (!is_byte(type) && !real) || (!maximum && op != "AVERAGE_POOL_2D"))
    return false;
  const PoolShape& s = args->shape;
  constexpr std::int32_t kMostWindow = 1 << 29;  // its end is a 32-bit number
  if (s.filter_h > kMostWindow || s.filter_w > kMostWindow)
    return because("its window is {} x {}", s.filter_h, s.filter_w);
  const std::int64_t pixels = std::int64_t{s.batch} * s.out_h * s.out_w;
  lowering.dispatches.push_back(
      {.shader = real ? "pool_f32" : "pool",
       .kernel = real ? "pool_f32__gles" : "pool_x8__gles",
       .choices = fmt::format("{}{}", maximum ? "#define MAXIMUM\n" : "", sign_choice(type)),
       .params = {{"in_at", 0, context.input_id(0)},
                  {"out_at", 0, context.output_id(0)},
                  {"in_height", s.in_h},
                  {"in_width", s.in_w},
                  {"out_height", s.out_h},
                  {"out_width", s.out_w},
                  {"channels", s.channels},
                  {"filter_height", s.filter_h},
                  {"filter_width", s.filter_w},
                  {"stride_h", s.stride_h},
                  {"stride_w", s.stride_w},
                  {"pad_top", s.pad_top},
                  {"pad_left", s.pad_left},
                  {"low", real ? float_bits(args->float_clamp.low) : args->clamp.low},
                  {"high", real ? float_bits(args->float_clamp.high) : args->clamp.high},
                  {"pixels", pixels}},
       .threads = pixels * (real ? s.channels : (std::int64_t{s.channels} + 3) / 4)});
  return true;
}

Result<bool> lower_reduce(const Lowering& lowering);
Result<bool> lower_reduce(const Lowering& lowering) {
  const auto* args = args_of<ReduceArgs>(lowering.step);
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  const std::string& op = context.node().op;
  const bool real = type == DType::f32;
  if (args == nullptr || (!is_byte(type) && !real) || (op != "MEAN" && op != "SUM")) return false;
  if (args->kept.rank > 2 || args->reduced.rank > 2 || args->reduced.count == 0)
    return because("its reduced dimensions lie in too many pieces");
  const Loops kept = loops_of(args->kept), reduced = loops_of(args->reduced);
  const std::int64_t count = elements(context.output(0).shape);
  Dispatch dispatch{.shader = real ? "mean_f32" : "mean",
                    .kernel = real ? "mean_f32__gles" : "mean_x8__gles",
                    .choices = fmt::format("{}{}", in_words(kept, reduced) ? "#define WORDS\n" : "",
                                           sign_choice(type)),
                    .params = {{"in_at", 0, context.input_id(0)},
                               {"out_at", 0, context.output_id(0)},
                               {"count", count},
                               {"kept_inner", kept.inner},
                               {"kept_outer_step", kept.outer_step},
                               {"kept_inner_step", kept.inner_step},
                               {"reduced_outer", reduced.outer},
                               {"reduced_inner", reduced.inner},
                               {"reduced_outer_step", reduced.outer_step},
                               {"reduced_inner_step", reduced.inner_step}},
                    .threads = real ? count : (count + 3) / 4};
  if (real)
    dispatch.params.push_back({"divisor", op == "MEAN" ? args->reduced.count : 1});
  else
    add_rescaling(dispatch, *args, type_range(type));
  lowering.dispatches.push_back(std::move(dispatch));
  return true;
}

}  // namespace pinfer::gles
