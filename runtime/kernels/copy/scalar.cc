// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "runtime/kernels/copy/copy.h"

namespace pinfer {
namespace {

struct Row {
  const std::byte* in;
  std::byte* out;
  std::int64_t count, in_stride, out_stride;
};

// The size of one element is a constant, so that memcpy becomes a load and a store.
template <std::size_t kBytes>
void copy_row(const Row& row) noexcept {
  const std::byte* in = row.in;
  std::byte* out = row.out;
  for (std::int64_t i = 0; i < row.count; ++i) {
    memcpy(out, in, kBytes);
    in += row.in_stride;
    out += row.out_stride;
  }
}

void copy_blocks(const Row& row, std::int64_t block) noexcept {
  switch (block) {
    case 1:
      return copy_row<1>(row);
    case 2:
      return copy_row<2>(row);
    case 3:
      return copy_row<3>(row);
    case 4:
      return copy_row<4>(row);
    case 8:
      return copy_row<8>(row);
    case 16:
      return copy_row<16>(row);
    default:
      break;
  }
  for (std::int64_t i = 0; i < row.count; ++i)
    memcpy(row.out + i * row.out_stride, row.in + i * row.in_stride,
           static_cast<std::size_t>(block));
}

void map_blocks(const Row& row, std::int64_t block, const std::uint8_t* lut) noexcept {
  for (std::int64_t i = 0; i < row.count; ++i) {
    const std::byte* in = row.in + i * row.in_stride;
    std::byte* out = row.out + i * row.out_stride;
    for (std::int64_t j = 0; j < block; ++j)
      out[j] = static_cast<std::byte>(lut[static_cast<std::uint8_t>(in[j])]);
  }
}

}  // namespace

void copy_x8__scalar(const CopyArgs& args) noexcept {
  const CopyPlan& plan = *args.plan;
  if (plan.block == 0 || args.begin >= args.end) return;
  // Loops around the innermost one count like the digits of a number.
  std::int64_t count[kMaxCopyRank] = {};
  const int inner = plan.rank - 1;
  Row row{args.in, args.out, 1, 0, 0};
  if (inner >= 0) {
    row.in += args.begin * plan.dims[0].in_stride;
    row.out += args.begin * plan.dims[0].out_stride;
    row.count = inner == 0 ? args.end - args.begin : plan.dims[inner].extent;
    row.in_stride = plan.dims[inner].in_stride;
    row.out_stride = plan.dims[inner].out_stride;
  }
  for (;;) {
    if (args.lut != nullptr)
      map_blocks(row, plan.block, args.lut);
    else
      copy_blocks(row, plan.block);
    int d = inner - 1;
    for (; d >= 0; --d) {
      const CopyDim& dim = plan.dims[d];
      const std::int64_t extent = d == 0 ? args.end - args.begin : dim.extent;
      row.in += dim.in_stride;
      row.out += dim.out_stride;
      if (++count[d] < extent) break;
      row.in -= dim.in_stride * extent;
      row.out -= dim.out_stride * extent;
      count[d] = 0;
    }
    if (d < 0) return;
  }
}

}  // namespace pinfer
