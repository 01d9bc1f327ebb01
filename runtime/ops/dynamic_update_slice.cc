// SPDX-License-Identifier: Apache-2.0
// DYNAMIC_UPDATE_SLICE: a tensor with a part of it replaced, at a place known only at run time.
#include <algorithm>
#include <cstring>

#include "runtime/ops/indices.h"
#include "runtime/ops/move.h"

namespace pinfer {
namespace {

Result<void> infer(const NodeContext& context) {
  PINFER_CHECK(expect_move(context, 3, 3));
  PINFER_CHECK(Indices::of(context, 2));
  const TensorInfo& in = context.input(0);
  const TensorInfo& update = context.input(1);
  bool fits = update.dtype == in.dtype && update.shape.size() == in.shape.size() &&
              elements(context.input(2).shape) == static_cast<std::int64_t>(in.shape.size());
  for (std::size_t d = 0; fits && d < in.shape.size(); ++d) fits = update.shape[d] <= in.shape[d];
  if (!fits)
    return context.error("V8", "{} with start {} does not fit into {}",
                         context.name_of(context.input_id(1)), to_string(context.input(2).shape),
                         context.name_of(context.input_id(0)));
  return context.set_output_shape(0, in.shape);
}

struct Update {
  TensorId in = kNoTensor, part = kNoTensor, out = kNoTensor;
  Indices start{};
  std::size_t bytes = 0;  // of the whole tensor
  View target{};          // the part's extents at the origin of the output
  Shape room;             // largest start that keeps the part inside
  CopyPlan plan{};        // part -> origin
  const CopyKernel* kernel = nullptr;

  Status operator()(const RunContext& run) const noexcept {
    const auto* from = run.data<std::byte>(in);
    auto* to = run.data<std::byte>(out);
    if (to != from && bytes != 0) std::memcpy(to, from, bytes);
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < room.size(); ++d)
      offset += std::clamp<std::int64_t>(start.at(run, static_cast<std::int64_t>(d)), 0, room[d]) *
                target.dims[d].stride;
    kernel->run({.plan = &plan,
                 .in = run.data<std::byte>(part),
                 .out = to + offset * target.element_bytes,
                 .begin = 0,
                 .end = plan.outer()});
    return Status::ok;
  }
};

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  PINFER_TRY(const Indices start, Indices::of(context, 2));
  const TensorInfo& in = context.input(0);
  const View part = whole(context, context.input_id(1));
  Update update{.in = context.input_id(0),
                .part = context.input_id(1),
                .out = context.output_id(0),
                .start = start,
                .bytes = in.bytes(),
                .target = whole(context, context.output_id(0)),
                .room = in.shape};
  FixedVector<CopyDim, kMaxRank> dims;
  for (std::size_t d = 0; d < in.shape.size(); ++d) {
    update.room[d] -= context.input(1).shape[d];
    static_cast<void>(dims.push_back({part.dims[d].extent, part.dims[d].stride * part.element_bytes,
                                      update.target.dims[d].stride * part.element_bytes}));
  }
  update.plan = plan_copy({dims.data(), dims.size()}, part.element_bytes);
  update.kernel = &select_copy(context.isa());
  return make_step({.kernel = update.kernel->name}, update);
}

}  // namespace

extern const Operator dynamic_update_slice_operator;
const Operator dynamic_update_slice_operator{
    .name = "DYNAMIC_UPDATE_SLICE", .infer = infer, .prepare = prepare, .in_place = true};

}  // namespace pinfer
