// SPDX-License-Identifier: Apache-2.0
// for_each_binary_row: the broadcasting walk, for variants that see one row at a time.
#include <cstddef>

#include "runtime/kernels/binary/binary.h"

namespace pinfer {

void for_each_binary_row(const BinaryArgs& args, std::int64_t element_bytes,
                         BinaryRowFunction function) noexcept {
  const auto* a = static_cast<const std::byte*>(args.a);
  const auto* b = static_cast<const std::byte*>(args.b);
  auto* out = static_cast<std::byte*>(args.out);
  for_each_row(args.broadcast, args.begin, args.end, [&](const BroadcastRow& row) {
    const BinaryRow stretch = {.a = a + row.at[0] * element_bytes,
                               .b = b + row.at[1] * element_bytes,
                               .out = out + row.out * element_bytes,
                               .count = row.count,
                               .repeat_a = row.step[0] == 0,
                               .repeat_b = row.step[1] == 0};
    function(args.params, stretch);
  });
}

}  // namespace pinfer
