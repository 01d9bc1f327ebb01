// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <algorithm>
#include <limits>
#include <type_traits>

#include "runtime/kernels/fixed_point.h"
#include "runtime/kernels/reduce/reduce.h"

namespace pinfer {
namespace {

using Args = ReduceArgs;

// Input offset of flat position `i` of a walk.
std::int64_t offset_of(const Walk& walk, std::int64_t i) {
  std::int64_t offset = 0;
  for (auto d = static_cast<std::size_t>(walk.rank); d-- > 0;) {
    offset += i % walk.dims[d] * walk.steps[d];
    i /= walk.dims[d];
  }
  return offset;
}

// Calls visit(offset) for each position of the walk in order.
template <class Visit>
void for_each_offset(const Walk& walk, const Visit& visit) {
  if (walk.rank <= 1) {
    const std::int64_t step = walk.rank == 0 ? 0 : walk.steps[0];
    for (std::int64_t i = 0; i < walk.count; ++i) visit(i * step);
    return;
  }
  const auto last = static_cast<std::size_t>(walk.rank - 1);
  for (std::int64_t i = 0; i < walk.count; i += walk.dims[last]) {
    const std::int64_t offset = offset_of(walk, i);
    for (std::int64_t k = 0; k < walk.dims[last]; ++k) visit(offset + k * walk.steps[last]);
  }
}

// out[o] = finish(fold over the inputs of o, starting from `start`).
template <class T, class Sum, class Fold, class Finish>
void fold_each(const Args& args, Sum start, const Fold& fold, const Finish& finish) noexcept {
  const auto* in = static_cast<const T*>(args.in);
  auto* out = static_cast<T*>(args.out);
  for (std::int64_t o = args.begin; o < args.end; ++o) {
    const T* from = in + offset_of(args.kept, o);
    Sum sum = start;
    for_each_offset(args.reduced, [&](std::int64_t offset) { sum = fold(sum, from[offset]); });
    out[o] = static_cast<T>(finish(sum));
  }
}

template <class T, class Fold>
void fold_plain(const Args& args, T start, const Fold& fold) noexcept {
  fold_each<T>(args, start, fold, [](T sum) { return sum; });
}

// Sums and products of integers wrap around.
template <class T>
T wrapped_sum(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a + b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <class T>
T wrapped_product(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return a * b;
  else
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

template <class T>
void mean(const Args& args) noexcept {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
  const std::int64_t count = args.reduced.count;
  fold_each<T>(
      args, Sum{0}, [](Sum sum, T value) { return wrapped_sum<Sum>(sum, value); },
      [&](Sum sum) -> Sum {
        if (count == 0) return std::numeric_limits<Sum>::quiet_NaN();
        return sum / static_cast<Sum>(count);
      });
}

// mean_quant and sum_quant differ in `scale` only.
template <class T>
void sum_quant(const Args& args) noexcept {
  constexpr ClampRange kRange = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  const std::int64_t zeros = args.in_zero * args.reduced.count;
  const bool empty = args.reduced.count == 0;
  fold_each<T>(
      args, std::int64_t{0}, [](std::int64_t sum, T value) { return sum + value; },
      [&](std::int64_t sum) {
        const auto centred = static_cast<std::int32_t>(sum - zeros);
        return empty ? 0 : clamped_sum(multiply(centred, args.scale), args.out_zero, kRange);
      });
}

template <class T>
void prod_quant(const Args& args) noexcept {
  constexpr ClampRange kRange = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  struct Product {
    std::int32_t value = 0;
    bool first = true;
  };
  fold_each<T>(
      args, Product{},
      [&](Product product, T value) {
        const std::int32_t factor = value - args.in_zero;
        if (product.first) return Product{factor, false};
        return Product{multiply_wide(static_cast<std::int64_t>(product.value) * factor, args.scale),
                       false};
      },
      [&](Product product) {
        return clamped_sum(multiply_wide(product.value, args.scale), args.out_zero, kRange);
      });
}

template <class T>
void sum(const Args& args) noexcept {
  fold_plain<T>(args, T{0}, wrapped_sum<T>);
}
template <class T>
void prod(const Args& args) noexcept {
  fold_plain<T>(args, T{1}, wrapped_product<T>);
}
template <class T>
void max(const Args& args) noexcept {
  fold_plain<T>(args, std::numeric_limits<T>::lowest(), [](T a, T b) { return b > a ? b : a; });
}
template <class T>
void min(const Args& args) noexcept {
  fold_plain<T>(args, std::numeric_limits<T>::max(), [](T a, T b) { return b < a ? b : a; });
}

// Bools are bytes: any value but 0 counts as true.
void any(const Args& args) noexcept {
  fold_plain<std::uint8_t>(args, std::uint8_t{0}, [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(a != 0 || b != 0);
  });
}
void all(const Args& args) noexcept {
  fold_plain<std::uint8_t>(args, std::uint8_t{1}, [](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(a != 0 && b != 0);
  });
}

template <class T, class Better>
void arg_best(const Args& args, const Better& better) noexcept {
  const auto* in = static_cast<const T*>(args.in);
  const std::int64_t step = args.reduced.rank == 0 ? 0 : args.reduced.steps[0];
  for (std::int64_t o = args.begin; o < args.end; ++o) {
    const T* from = in + offset_of(args.kept, o);
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < args.reduced.count; ++i)
      if (better(from[i * step], from[best * step])) best = i;
    if (args.index_64)
      static_cast<std::int64_t*>(args.out)[o] = best;
    else
      static_cast<std::int32_t*>(args.out)[o] = static_cast<std::int32_t>(best);
  }
}

// NaN is never the best, unless there is nothing else.
template <class T>
bool is_nan(T x) {
  return x != x;
}
template <class T>
void arg_max(const Args& args) noexcept {
  arg_best<T>(args, [](T a, T b) { return a > b || (is_nan(b) && !is_nan(a)); });
}
template <class T>
void arg_min(const Args& args) noexcept {
  arg_best<T>(args, [](T a, T b) { return a < b || (is_nan(b) && !is_nan(a)); });
}

using s8 = std::int8_t;
using u8 = std::uint8_t;
using b8 = std::uint8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
using f32 = float;

}  // namespace

void reduce_mean_f32__scalar(const Args& args) noexcept { mean<f32>(args); }
void reduce_mean_s32__scalar(const Args& args) noexcept { mean<s32>(args); }
void reduce_mean_s64__scalar(const Args& args) noexcept { mean<s64>(args); }
void reduce_mean_quant_s8__scalar(const Args& args) noexcept { sum_quant<s8>(args); }
void reduce_mean_quant_u8__scalar(const Args& args) noexcept { sum_quant<u8>(args); }
void reduce_mean_quant_s16__scalar(const Args& args) noexcept { sum_quant<s16>(args); }
void reduce_sum_f32__scalar(const Args& args) noexcept { sum<f32>(args); }
void reduce_sum_s32__scalar(const Args& args) noexcept { sum<s32>(args); }
void reduce_sum_s64__scalar(const Args& args) noexcept { sum<s64>(args); }
void reduce_sum_quant_s8__scalar(const Args& args) noexcept { sum_quant<s8>(args); }
void reduce_sum_quant_u8__scalar(const Args& args) noexcept { sum_quant<u8>(args); }
void reduce_sum_quant_s16__scalar(const Args& args) noexcept { sum_quant<s16>(args); }
void reduce_prod_f32__scalar(const Args& args) noexcept { prod<f32>(args); }
void reduce_prod_s32__scalar(const Args& args) noexcept { prod<s32>(args); }
void reduce_prod_s64__scalar(const Args& args) noexcept { prod<s64>(args); }
void reduce_prod_s8__scalar(const Args& args) noexcept { prod<s8>(args); }
void reduce_prod_u8__scalar(const Args& args) noexcept { prod<u8>(args); }
void reduce_prod_s16__scalar(const Args& args) noexcept { prod<s16>(args); }
void reduce_prod_quant_s8__scalar(const Args& args) noexcept { prod_quant<s8>(args); }
void reduce_prod_quant_s16__scalar(const Args& args) noexcept { prod_quant<s16>(args); }
void reduce_max_f32__scalar(const Args& args) noexcept { max<f32>(args); }
void reduce_max_s8__scalar(const Args& args) noexcept { max<s8>(args); }
void reduce_max_u8__scalar(const Args& args) noexcept { max<u8>(args); }
void reduce_max_s16__scalar(const Args& args) noexcept { max<s16>(args); }
void reduce_max_s32__scalar(const Args& args) noexcept { max<s32>(args); }
void reduce_max_s64__scalar(const Args& args) noexcept { max<s64>(args); }
void reduce_min_f32__scalar(const Args& args) noexcept { min<f32>(args); }
void reduce_min_s8__scalar(const Args& args) noexcept { min<s8>(args); }
void reduce_min_u8__scalar(const Args& args) noexcept { min<u8>(args); }
void reduce_min_s16__scalar(const Args& args) noexcept { min<s16>(args); }
void reduce_min_s32__scalar(const Args& args) noexcept { min<s32>(args); }
void reduce_min_s64__scalar(const Args& args) noexcept { min<s64>(args); }
void reduce_any_b8__scalar(const Args& args) noexcept { any(args); }
void reduce_all_b8__scalar(const Args& args) noexcept { all(args); }
void reduce_arg_max_f32__scalar(const Args& args) noexcept { arg_max<f32>(args); }
void reduce_arg_max_s8__scalar(const Args& args) noexcept { arg_max<s8>(args); }
void reduce_arg_max_u8__scalar(const Args& args) noexcept { arg_max<u8>(args); }
void reduce_arg_max_s16__scalar(const Args& args) noexcept { arg_max<s16>(args); }
void reduce_arg_max_s32__scalar(const Args& args) noexcept { arg_max<s32>(args); }
void reduce_arg_max_s64__scalar(const Args& args) noexcept { arg_max<s64>(args); }
void reduce_arg_max_b8__scalar(const Args& args) noexcept { arg_max<b8>(args); }
void reduce_arg_min_f32__scalar(const Args& args) noexcept { arg_min<f32>(args); }
void reduce_arg_min_s8__scalar(const Args& args) noexcept { arg_min<s8>(args); }
void reduce_arg_min_u8__scalar(const Args& args) noexcept { arg_min<u8>(args); }
void reduce_arg_min_s16__scalar(const Args& args) noexcept { arg_min<s16>(args); }
void reduce_arg_min_s32__scalar(const Args& args) noexcept { arg_min<s32>(args); }
void reduce_arg_min_s64__scalar(const Args& args) noexcept { arg_min<s64>(args); }
void reduce_arg_min_b8__scalar(const Args& args) noexcept { arg_min<b8>(args); }

}  // namespace pinfer
