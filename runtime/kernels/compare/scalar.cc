// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include "runtime/kernels/compare/compare.h"

namespace pinfer {
namespace {

using Args = CompareArgs;

// `read_a` and `read_b` bring the operands to the numbers that are compared.
template <class T, class ReadA, class ReadB, class Function>
void map(const Args& args, const ReadA& read_a, const ReadB& read_b,
         const Function& function) noexcept {
  const T* a = static_cast<const T*>(args.a);
  const T* b = static_cast<const T*>(args.b);
  for_each_row(args.broadcast, args.begin, args.end, [&](const BroadcastRow& row) {
    const T* row_a = a + row.at[0];
    const T* row_b = b + row.at[1];
    for (std::int64_t i = 0; i < row.count; ++i)
      args.out[row.out + i] = static_cast<std::uint8_t>(
          function(read_a(row_a[i * row.step[0]]), read_b(row_b[i * row.step[1]])));
  });
}

template <class T, class ReadA, class ReadB>
void compare(const Args& args, const ReadA& read_a, const ReadB& read_b) noexcept {
  const auto with = [&](const auto& function) { map<T>(args, read_a, read_b, function); };
  switch (args.op) {
    case CompareOp::equal:
      return with([](auto a, auto b) { return a == b; });
    case CompareOp::not_equal:
      return with([](auto a, auto b) { return a != b; });
    case CompareOp::less:
      return with([](auto a, auto b) { return a < b; });
    case CompareOp::less_equal:
      return with([](auto a, auto b) { return a <= b; });
    case CompareOp::greater:
      return with([](auto a, auto b) { return a > b; });
    case CompareOp::greater_equal:
      return with([](auto a, auto b) { return a >= b; });
    case CompareOp::logical_and:
      return with([](auto a, auto b) { return a != 0 && b != 0; });
    case CompareOp::logical_or:
      return with([](auto a, auto b) { return a != 0 || b != 0; });
  }
}

template <class T>
void compare_plain(const Args& args) noexcept {
  const auto itself = [](T x) { return x; };
  compare<T>(args, itself, itself);
}

std::int32_t scaled(std::int32_t value, std::int32_t zero, Multiplier scale) {
  return multiply((value - zero) * 256, scale);
}

template <class T>
void compare_quant(const Args& args) noexcept {
  compare<T>(
      args, [&](T x) { return scaled(x, args.a_zero, args.a_scale); },
      [&](T x) { return scaled(x, args.b_zero, args.b_scale); });
}

}  // namespace

void compare_f32__scalar(const Args& args) noexcept { compare_plain<float>(args); }
void compare_s8__scalar(const Args& args) noexcept { compare_plain<std::int8_t>(args); }
void compare_u8__scalar(const Args& args) noexcept { compare_plain<std::uint8_t>(args); }
void compare_s16__scalar(const Args& args) noexcept { compare_plain<std::int16_t>(args); }
void compare_s32__scalar(const Args& args) noexcept { compare_plain<std::int32_t>(args); }
void compare_s64__scalar(const Args& args) noexcept { compare_plain<std::int64_t>(args); }
void compare_b8__scalar(const Args& args) noexcept {
  const auto truth = [](std::uint8_t x) { return x != 0 ? 1 : 0; };
  compare<std::uint8_t>(args, truth, truth);
}
void compare_quant_s8__scalar(const Args& args) noexcept { compare_quant<std::int8_t>(args); }
void compare_quant_u8__scalar(const Args& args) noexcept { compare_quant<std::uint8_t>(args); }
void compare_quant_s16__scalar(const Args& args) noexcept { compare_quant<std::int16_t>(args); }

}  // namespace pinfer
