// SPDX-License-Identifier: Apache-2.0
// Activations on floats, one element a thread. OPERATION 0: clamp, 1: LOGISTIC, 2: TANH,
// 3: HARD_SWISH, 4: LEAKY_RELU.
layout(std140, binding = 0) uniform Params { int in_at, out_at, count, low, high, alpha; };

float apply(float x) {
#if OPERATION == 0
  return clamp(x, intBitsToFloat(low), intBitsToFloat(high));
#elif OPERATION == 1
  return 1.0 / (1.0 + exp(-x));
#elif OPERATION == 2
  return tanh(clamp(x, -20.0, 20.0));
#elif OPERATION == 3
  return x * clamp(x + 3.0, 0.0, 6.0) / 6.0;
#else
  return x >= 0.0 ? x : x * intBitsToFloat(alpha);
#endif
}

void main() {
  int element = thread_index();
  if (element >= count) return;
  float x = uintBitsToFloat(from[(in_at >> 2) + element]);
  to[(out_at >> 2) + element] = floatBitsToUint(apply(x));
}
