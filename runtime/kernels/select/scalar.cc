// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include "runtime/kernels/select/select.h"

namespace pinfer {
namespace {

template <class T>
void select(const SelectArgs& args) noexcept {
  const T* x = static_cast<const T*>(args.x);
  const T* y = static_cast<const T*>(args.y);
  T* out = static_cast<T*>(args.out);
  for_each_row(args.broadcast, args.begin, args.end, [&](const BroadcastRow& row) {
    for (std::int64_t i = 0; i < row.count; ++i) {
      const bool condition = args.condition[row.at[0] + i * row.step[0]] != 0;
      out[row.out + i] =
          condition ? x[row.at[1] + i * row.step[1]] : y[row.at[2] + i * row.step[2]];
    }
  });
}

}  // namespace

void select_x8__scalar(const SelectArgs& args) noexcept { select<std::uint8_t>(args); }
void select_x16__scalar(const SelectArgs& args) noexcept { select<std::uint16_t>(args); }
void select_x32__scalar(const SelectArgs& args) noexcept { select<std::uint32_t>(args); }
void select_x64__scalar(const SelectArgs& args) noexcept { select<std::uint64_t>(args); }

}  // namespace pinfer
