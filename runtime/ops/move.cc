// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/move.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "runtime/kernels/lut/lut.h"

namespace pinfer {
namespace {

// Below this a loop is cheaper than waking a worker.
constexpr std::int64_t kParallelBytes = 64 << 10;

void push(View& view, ViewDim dim) {
  const bool fits = view.dims.push_back(dim);
  assert(fits);
  static_cast<void>(fits);
}

}  // namespace

View whole(const NodeContext& context, TensorId tensor) {
  const TensorInfo& info = context.graph().tensor(tensor);
  View view{.tensor = tensor, .element_bytes = static_cast<std::int64_t>(size_of(info.dtype))};
  std::int64_t stride = elements(info.shape);
  for (const std::int32_t extent : info.shape) {
    stride = extent == 0 ? 0 : stride / extent;
    push(view, {extent, stride});
  }
  return view;
}

View narrowed(View view, int dim, std::int64_t start, std::int64_t step, std::int64_t count) {
  ViewDim& d = view.dims[static_cast<std::size_t>(dim)];
  if (count > 0) view.offset += start * d.stride;
  d = {count, d.stride * step};
  return view;
}

View permuted(const View& view, std::span<const int> order) {
  View result = view;
  for (std::size_t i = 0; i < order.size(); ++i)
    result.dims[i] = view.dims[static_cast<std::size_t>(order[i])];
  return result;
}

View split(const View& view, int dim, std::int64_t inner) {
  View result = view;
  result.dims.clear();
  for (std::size_t i = 0; i < view.dims.size(); ++i) {
    const ViewDim d = view.dims[i];
    if (static_cast<int>(i) == dim) {
      push(result, {d.extent / inner, d.stride * inner});
      push(result, {inner, d.stride});
    } else {
      push(result, d);
    }
  }
  return result;
}

View repeated(const View& view, int dim, std::int64_t count) {
  View result = view;
  result.dims.clear();
  for (std::size_t i = 0; i <= view.dims.size(); ++i) {
    if (static_cast<int>(i) == dim) push(result, {count, 0});
    if (i < view.dims.size()) push(result, view.dims[i]);
  }
  return result;
}

View without(const View& view, int dim) {
  View result = view;
  result.dims.clear();
  for (std::size_t i = 0; i < view.dims.size(); ++i)
    if (static_cast<int>(i) != dim) push(result, view.dims[i]);
  return result;
}

void Moves::fill(const NodeContext& context, TensorId tensor, std::span<const std::byte> value) {
  const TensorInfo& info = context.graph().tensor(tensor);
  Fill fill{.tensor = tensor, .element_bytes = value.size(), .total_bytes = info.bytes()};
  std::copy(value.begin(), value.end(), fill.bytes.begin());
  fills_.push_back(fill);
}

void Moves::fill_from(const NodeContext& context, TensorId tensor, TensorId value) {
  const TensorInfo& info = context.graph().tensor(tensor);
  fills_.push_back({.tensor = tensor,
                    .value = value,
                    .element_bytes = size_of(info.dtype),
                    .total_bytes = info.bytes()});
}

void Moves::copy(const View& from, const View& to) {
  assert(from.dims.size() == to.dims.size());
  FixedVector<CopyDim, kMaxCopyRank> dims;
  for (std::size_t i = 0; i < from.dims.size(); ++i) {
    assert(from.dims[i].extent == to.dims[i].extent);
    const bool fits = dims.push_back({from.dims[i].extent, from.dims[i].stride * from.element_bytes,
                                      to.dims[i].stride * to.element_bytes});
    assert(fits);
    static_cast<void>(fits);
  }
  const CopyPlan plan = plan_copy({dims.data(), dims.size()}, from.element_bytes);
  if (plan.block == 0) return;
  copies_.push_back({.from = from.tensor,
                     .to = to.tensor,
                     .from_offset = from.offset * from.element_bytes,
                     .to_offset = to.offset * to.element_bytes,
                     .plan = plan});
}

void Moves::copy_mapped(const View& from, const View& to, const Lut& lut) {
  const std::size_t before = copies_.size();
  copy(from, to);
  if (copies_.size() == before) return;
  copies_.back().lut = static_cast<int>(luts_.size());
  luts_.push_back(lut);
}

namespace {

// Stretches of bytes that go through a table are worth the kernel that is made for tables.
bool maps_stretches(const CopyPlan& plan) { return plan.rank <= 1 && plan.block >= 32; }

void map_stretches(const CopyArgs& args, const LutKernel& lut) noexcept {
  const CopyDim dim = args.plan->rank == 0 ? CopyDim{} : args.plan->dims[0];
  for (std::int64_t i = args.begin; i < args.end; ++i)
    lut.run({.in = args.in + i * dim.in_stride,
             .out = args.out + i * dim.out_stride,
             .table = args.lut,
             .begin = 0,
             .end = args.plan->block});
}

}  // namespace

struct MoveStep {
  Moves moves;
  const CopyKernel* kernel;
  const LutKernel* lut;

  Status operator()(const RunContext& run) const noexcept {
    for (const Moves::Fill& fill : moves.fills())
      fill_bytes(run.data<std::byte>(fill.tensor), fill.total_bytes,
                 fill.value == kNoTensor ? fill.bytes.data() : run.data<std::byte>(fill.value),
                 fill.element_bytes);
    for (const Moves::Copy& copy : moves.copies()) {
      const CopyArgs args{
          .plan = &copy.plan,
          .in = run.data<std::byte>(copy.from) + copy.from_offset,
          .out = run.data<std::byte>(copy.to) + copy.to_offset,
          .lut = copy.lut < 0 ? nullptr : moves.luts()[static_cast<std::size_t>(copy.lut)].data()};
      const std::int64_t outer = copy.plan.outer();
      const std::int64_t block =
          std::max<std::int64_t>(1, kParallelBytes * outer / copy.plan.bytes());
      run.pool->parallel_for(outer, block, [&](std::int64_t begin, std::int64_t end) {
        CopyArgs part = args;
        part.begin = begin;
        part.end = end;
        if (part.lut != nullptr && maps_stretches(copy.plan))
          map_stretches(part, *lut);
        else
          kernel->run(part);
      });
    }
    return Status::ok;
  }
};

std::unique_ptr<Step> Moves::step(const NodeContext& context) && {
  const CopyKernel& kernel = select_copy(context.isa());
  Moves shown = *this;
  return make_open_step({.kernel = kernel.name}, std::move(shown),
                        MoveStep{std::move(*this), &kernel, &select_lut(LutOp::x8, context.isa())});
}

void fill_bytes(std::byte* to, std::size_t bytes, const std::byte* value,
                std::size_t element_bytes) noexcept {
  if (bytes == 0) return;
  if (std::all_of(value, value + element_bytes, [&](std::byte b) { return b == *value; })) {
    std::memset(to, static_cast<int>(*value), bytes);
    return;
  }
  // What is filled already is the source for twice as much.
  std::memcpy(to, value, element_bytes);
  for (std::size_t done = element_bytes; done < bytes;) {
    const std::size_t more = std::min(done, bytes - done);
    std::memcpy(to + done, to, more);
    done += more;
  }
}

Result<void> expect_move(const NodeContext& context, int min_inputs, int max_inputs, int input) {
  PINFER_CHECK(context.expect_operands(min_inputs, max_inputs, 1));
  const DType type = context.input(input).dtype;
  if (size_of(type) == 0)
    return context.unsupported("input {} is {}", input, context.name_of(context.input_id(input)));
  return context.expect_output_type(0, type);
}

}  // namespace pinfer
