// SPDX-License-Identifier: Apache-2.0
// ADD, SUB, MUL, MAXIMUM, MINIMUM, DIV and PRELU on floats (OPERATION 0 to 6): one element a thread.
// `shape_at` finds the same as in binary.comp.
layout(std140, binding = 0) uniform Params {
  int a_at, b_at, out_at, count, shape_at;
  int low, high;
};

float combine(float a, float b) {
#if OPERATION == 0
  return clamp(a + b, intBitsToFloat(low), intBitsToFloat(high));
#elif OPERATION == 1
  return clamp(a - b, intBitsToFloat(low), intBitsToFloat(high));
#elif OPERATION == 2
  return clamp(a * b, intBitsToFloat(low), intBitsToFloat(high));
#elif OPERATION == 3
  return max(a, b);
#elif OPERATION == 4
  return min(a, b);
#elif OPERATION == 6
  return a >= 0.0 ? a : a * b;
#else
  return clamp(a / b, intBitsToFloat(low), intBitsToFloat(high));
#endif
}

void main() {
  int element = thread_index();
  if (element >= count) return;
#ifdef FLAT
  ivec2 at = ivec2(element);
#else
  ivec2 at = ivec2(0);
  int rank = int(constants[shape_at]), rest = element;
  for (int d = rank - 1; d >= 0; --d) {
    int extent = int(constants[shape_at + 1 + d]), index = rest % extent;
    rest /= extent;
    at += index * ivec2(constants[shape_at + 1 + rank + d], constants[shape_at + 1 + 2 * rank + d]);
  }
#endif
  float a = uintBitsToFloat(from[(a_at >> 2) + at.x]), b = uintBitsToFloat(from[(b_at >> 2) + at.y]);
  to[(out_at >> 2) + element] = floatBitsToUint(combine(a, b));
}
