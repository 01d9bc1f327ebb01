// SPDX-License-Identifier: Apache-2.0
// The scalar variants: the judges of this family.
#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernels/cast/cast.h"
#include "runtime/kernels/half.h"

namespace pinfer {
namespace {

using Args = CastArgs;

// Element types that C++ has no arithmetic type for.
struct Half {
  std::uint16_t bits;
};
struct Bool {
  std::uint8_t byte;
};
struct Complex {
  float real, imaginary;
};

// The number that arithmetic can work with.
template <class T>
auto value_of(T x) {
  if constexpr (std::is_same_v<T, Half>)
    return half_to_float(x.bits);
  else if constexpr (std::is_same_v<T, Bool>)
    return static_cast<std::uint8_t>(x.byte != 0);
  else if constexpr (std::is_same_v<T, Complex>)
    return x.real;
  else
    return x;
}

template <class To, class From>
To saturated(From x) {
  // Both limits as floats: the highest may round up to a power of two, which is out of range.
  constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
  constexpr auto kHigh = static_cast<From>(std::numeric_limits<To>::max());
  if (std::isnan(x) || x >= kHigh) return std::numeric_limits<To>::max();
  return x <= kLow ? std::numeric_limits<To>::min() : static_cast<To>(x);
}

template <class To, class From>
To cast_one(From x) {
  if constexpr (std::is_same_v<To, Half>)
    return {float_to_half(static_cast<float>(x))};
  else if constexpr (std::is_same_v<To, Bool>)
    return {static_cast<std::uint8_t>(x != 0)};
  else if constexpr (std::is_same_v<To, Complex>)
    return {static_cast<float>(x), 0.0f};
  else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>)
    return saturated<To>(x);
  else
    return static_cast<To>(x);
}

template <class From, class To>
void cast_to(const Args& args) noexcept {
  const auto* in = static_cast<const From*>(args.in);
  auto* out = static_cast<To*>(args.out);
  for (std::int64_t i = args.begin; i < args.end; ++i) {
    if constexpr (std::is_same_v<From, To>)
      out[i] = in[i];
    else
      out[i] = cast_one<To>(value_of(in[i]));
  }
}

template <class From>
void cast(const Args& args) noexcept {
  switch (args.to) {
    case DType::f32:
      return cast_to<From, float>(args);
    case DType::f16:
      return cast_to<From, Half>(args);
    case DType::f64:
      return cast_to<From, double>(args);
    case DType::i8:
      return cast_to<From, std::int8_t>(args);
    case DType::u8:
      return cast_to<From, std::uint8_t>(args);
    case DType::i16:
      return cast_to<From, std::int16_t>(args);
    case DType::u16:
      return cast_to<From, std::uint16_t>(args);
    case DType::i32:
      return cast_to<From, std::int32_t>(args);
    case DType::u32:
      return cast_to<From, std::uint32_t>(args);
    case DType::i64:
      return cast_to<From, std::int64_t>(args);
    case DType::u64:
      return cast_to<From, std::uint64_t>(args);
    case DType::boolean:
      return cast_to<From, Bool>(args);
    case DType::c64:
      return cast_to<From, Complex>(args);
    case DType::resource:  // set-up refuses it
      return;
  }
}

}  // namespace

void cast_f32__scalar(const Args& args) noexcept { cast<float>(args); }
void cast_f16__scalar(const Args& args) noexcept { cast<Half>(args); }
void cast_f64__scalar(const Args& args) noexcept { cast<double>(args); }
void cast_s8__scalar(const Args& args) noexcept { cast<std::int8_t>(args); }
void cast_u8__scalar(const Args& args) noexcept { cast<std::uint8_t>(args); }
void cast_s16__scalar(const Args& args) noexcept { cast<std::int16_t>(args); }
void cast_u16__scalar(const Args& args) noexcept { cast<std::uint16_t>(args); }
void cast_s32__scalar(const Args& args) noexcept { cast<std::int32_t>(args); }
void cast_u32__scalar(const Args& args) noexcept { cast<std::uint32_t>(args); }
void cast_s64__scalar(const Args& args) noexcept { cast<std::int64_t>(args); }
void cast_u64__scalar(const Args& args) noexcept { cast<std::uint64_t>(args); }
void cast_b8__scalar(const Args& args) noexcept { cast<Bool>(args); }
void cast_c64__scalar(const Args& args) noexcept { cast<Complex>(args); }

}  // namespace pinfer
