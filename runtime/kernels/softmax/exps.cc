// SPDX-License-Identifier: Apache-2.0
// The parts of the 8-bit softmax that its variants share: a table of exponentials, filled once, and
// the reciprocal of a row's sum.
#include <algorithm>

#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/softmax/softmax.h"

namespace pinfer {
namespace {

constexpr int kDifferenceBits = 5;
constexpr int kSumBits = 12;

}  // namespace

void fill_softmax_exps(const SoftmaxArgs& args, std::int32_t* table) noexcept {
  std::fill(table, table + kSoftmaxExps, 0);
  for (std::int32_t difference = 0; difference >= -255 && difference >= args.diff_min;
       --difference) {
    const std::int32_t exp = exp_of_negative(multiply(difference, args.scale), kDifferenceBits);
    table[255 + difference] = exp;
    table[511 + difference] = rounding_shift_right(exp, kSumBits);
  }
}

SoftmaxInverse softmax_inverse(std::int64_t sum) noexcept {
  int halvings = 0;
  for (; sum > std::numeric_limits<std::int32_t>::max(); ++halvings) sum >>= 1;
  const Reciprocal inverse = reciprocal(static_cast<std::int32_t>(sum), kSumBits);
  return {inverse.mantissa, inverse.bits_over_unit + halvings};
}

}  // namespace pinfer
