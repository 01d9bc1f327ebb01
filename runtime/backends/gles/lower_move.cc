// SPDX-License-Identifier: Apache-2.0
// Tables of 8-bit functions, and everything that only moves bytes.
#include <cstring>

#include "runtime/backends/gles/lowering.h"
#include "runtime/ops/lookup.h"
#include "runtime/ops/move.h"

namespace pinfer::gles {
namespace {

// The element as a word that repeats it.
Result<std::uint32_t> fill_word(const NodeContext& context, const Moves::Fill& fill) {
  std::array<std::byte, 4> bytes{};
  const std::byte* element = fill.bytes.data();
  if (fill.value != kNoTensor) {
    const TensorInfo& info = context.graph().tensor(fill.value);
    if (!info.is_constant) return because("its filling is computed at run time");
    element = info.data.data();
  }
  if (fill.element_bytes > bytes.size()) return because("it fills with elements of 8 bytes");
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = element[i % fill.element_bytes];
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  return word;
}

Result<Dispatch> fill_dispatch(const NodeContext& context, const Moves::Fill& fill) {
  PINFER_TRY(const std::uint32_t word, fill_word(context, fill));
  const auto count = static_cast<std::int64_t>((fill.total_bytes + 3) / 4);
  return Dispatch{.shader = "fill",
                  .kernel = "fill__gles",
                  .choices = {},
                  .params = {{"out_at", 0, fill.tensor},
                             {"count", count},
                             {"value", static_cast<std::int32_t>(word)}},
                  .threads = count};
}

Result<Dispatch> copy_dispatch(const Moves& moves, const Moves::Copy& copy, Constants& constants) {
  constexpr int kMostLoops = 8;
  const CopyPlan& plan = copy.plan;
  if (plan.rank > kMostLoops) return because("it moves in {} loops", plan.rank);
  std::int64_t count = (plan.block + 3) / 4;
  std::vector<std::uint32_t> loops;
  for (int d = 0; d < plan.rank; ++d) {
    const CopyDim& dim = plan.dims[d];
    count *= dim.extent;
    for (const std::int64_t number : {dim.extent, dim.in_stride, dim.out_stride})
      loops.push_back(static_cast<std::uint32_t>(number));  // steps may be negative
  }
  Dispatch dispatch{.shader = "move",
                    .kernel = "move__gles",
                    .choices = {},
                    .params = {{"in_at", copy.from_offset, copy.from},
                               {"out_at", copy.to_offset, copy.to},
                               {"rank", plan.rank},
                               {"loops_at", constants.append(loops)},
                               {"block", plan.block},
                               {"count", count}},
                    .threads = count};
  if (copy.lut >= 0) {
    const auto table = table_words(moves.luts()[static_cast<std::size_t>(copy.lut)]);
    dispatch.choices = "#define TABLE\n";
    dispatch.params.push_back({"table_at", constants.append(table)});
  }
  return dispatch;
}

// The same bytes under another shape, where no pass has dropped the node.
bool only_renames(const NodeContext& context) {
  const std::string& op = context.node().op;
  return (op == "RESHAPE" || op == "SQUEEZE" || op == "EXPAND_DIMS") &&
         context.input(0).bytes() == context.output(0).bytes();
}

}  // namespace

Result<bool> lower_table(const Lowering& lowering);
Result<bool> lower_table(const Lowering& lowering) {
  const auto* table = args_of<ByteTable>(lowering.step);
  if (table == nullptr) return false;
  const NodeContext& context = lowering.context;
  const std::int64_t count = elements(context.output(0).shape);
  lowering.dispatches.push_back(
      {.shader = "table",
       .kernel = "table_x8__gles",
       .choices = {},
       .params = {{"in_at", 0, context.input_id(0)},
                  {"out_at", 0, context.output_id(0)},
                  {"count", count},
                  {"table_at", lowering.constants.append(table_words(*table))}},
       .threads = (count + 3) / 4});
  return true;
}

Result<bool> lower_move(const Lowering& lowering);
Result<bool> lower_move(const Lowering& lowering) {
  if (only_renames(lowering.context)) {
    const NodeContext& context = lowering.context;
    Moves::Copy copy{.from = context.input_id(0), .to = context.output_id(0)};
    copy.plan.block = static_cast<std::int64_t>(context.input(0).bytes());
    PINFER_TRY(Dispatch dispatch, copy_dispatch({}, copy, lowering.constants));
    lowering.dispatches.push_back(std::move(dispatch));
    return true;
  }
  const auto* moves = args_of<Moves>(lowering.step);
  if (moves == nullptr) return false;
  for (const Moves::Fill& fill : moves->fills()) {
    PINFER_TRY(Dispatch dispatch, fill_dispatch(lowering.context, fill));
    lowering.dispatches.push_back(std::move(dispatch));
  }
  for (const Moves::Copy& copy : moves->copies()) {
    PINFER_TRY(Dispatch dispatch, copy_dispatch(*moves, copy, lowering.constants));
    lowering.dispatches.push_back(std::move(dispatch));
  }
  return true;
}

}  // namespace pinfer::gles
