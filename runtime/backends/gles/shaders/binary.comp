// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL, MAXIMUM, MINIMUM (OPERATION 0 to 4) and PRELU (6) on 8-bit integers: four elements
// a thread.
//
// FLAT: no operand repeats. Else `shape_at` finds the rank, the dimensions of the output, the steps
// of a and the steps of b among the constants.
layout(std140, binding = 0) uniform Params {
  int a_at, b_at, out_at, count, shape_at;
  int a_zero, b_zero, out_zero, low, high, left_shift;
  int a_mantissa, a_shift, b_mantissa, b_shift, out_mantissa, out_shift;
};

int combine(int a, int b) {
#if OPERATION == 3
  return max(a, b);
#elif OPERATION == 4
  return min(a, b);
#else
  a -= a_zero;
  b -= b_zero;
#if OPERATION == 6
  if (a >= 0) return place(multiply(a, a_mantissa, a_shift), out_zero, low, high);
#endif
#if OPERATION == 2 || OPERATION == 6
  int value = a * b;
#else
  a = multiply(a << left_shift, a_mantissa, a_shift);
  b = multiply(b << left_shift, b_mantissa, b_shift);
#if OPERATION == 0
  int value = a + b;
#else
  int value = a - b;
#endif
#endif
  return place(multiply(value, out_mantissa, out_shift), out_zero, low, high);
#endif
}

#ifndef FLAT
ivec2 operands(int element) {
  ivec2 at = ivec2(a_at, b_at);
  int rank = int(constants[shape_at]);
  for (int d = rank - 1; d >= 0; --d) {
    int extent = int(constants[shape_at + 1 + d]), index = element % extent;
    element /= extent;
    at += index * ivec2(constants[shape_at + 1 + rank + d], constants[shape_at + 1 + 2 * rank + d]);
  }
  return ivec2(load1(at.x), load1(at.y));
}
#endif

void main() {
  int element = thread_index() * 4;
  if (element >= count) return;
  ivec4 result = ivec4(0);
#ifdef FLAT
  ivec4 a = unpack(from[(a_at + element) >> 2]), b = unpack(from[(b_at + element) >> 2]);
  for (int k = 0; k < 4; ++k) result[k] = combine(a[k], b[k]);
#else
  for (int k = 0; k < 4 && element + k < count; ++k) {
    ivec2 ab = operands(element + k);
    result[k] = combine(ab.x, ab.y);
  }
#endif
  to[(out_at + element) >> 2] = pack(result);
}
