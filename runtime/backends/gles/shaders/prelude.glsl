// SPDX-License-Identifier: Apache-2.0
// In front of every shader. All tensors lie in one buffer, which is bound twice: as `from` to be
// read and as `to` to be written; addresses of tensors are in bytes. 8-bit elements are packed four
// to a word, lowest byte first. UNSIGNED: they are uint8. The judge of every function here is
// runtime/kernels (arithmetic.h, fixed_point.h).
precision highp float;
precision highp int;

layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Input { uint from[]; };
layout(std430, binding = 1) buffer Output { uint to[]; };
layout(std430, binding = 2) readonly buffer Constants { uint constants[]; };

int thread_index() {
  uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
  return int(group * 64u + gl_LocalInvocationID.x);
}

ivec4 unpack(uint word) {
#ifdef UNSIGNED
  return (ivec4(int(word)) >> ivec4(0, 8, 16, 24)) & 255;
#else
  return (ivec4(int(word)) << ivec4(24, 16, 8, 0)) >> 24;
#endif
}

uint pack(ivec4 bytes) {
  uvec4 b = uvec4(bytes & 255);
  return b.x | (b.y << 8) | (b.z << 16) | (b.w << 24);
}

// Four bytes from any address.
uint load4(int at) {
  uint low = from[at >> 2];
  int shift = (at & 3) << 3;
  if (shift == 0) return low;
  return (low >> shift) | (from[(at >> 2) + 1] << (32 - shift));
}

// One element, as the integer that it is.
int load1(int at) {
  int byte = int(from[at >> 2] >> ((at & 3) << 3)) & 255;
#ifdef UNSIGNED
  return byte;
#else
  return (byte << 24) >> 24;
#endif
}

// The lowest `count` (1 to 4) bytes of `value` to any address. Other threads may write the other
// bytes of the same words.
void store(int at, uint value, int count) {
  int word = at >> 2, shift = (at & 3) << 3;
  if (shift == 0 && count == 4) {
    to[word] = value;
    return;
  }
  uint kept = count == 4 ? 0xffffffffu : (1u << (count << 3)) - 1u;
  atomicAnd(to[word], ~(kept << shift));
  atomicOr(to[word], (value & kept) << shift);
  if (shift + (count << 3) > 32) {
    atomicAnd(to[word + 1], ~(kept >> (32 - shift)));
    atomicOr(to[word + 1], (value & kept) >> (32 - shift));
  }
}

// High half of 2*a*b, to nearest. Never called with twice the lowest number, where the judge
// saturates: one operand is a mantissa, a share of 1 or a power of e.
int doubling_high_mul(int a, int b) {
  int high, low;
  imulExtended(a, b, high, low);
  uint nudged = uint(low) + 0x40000000u;
  high += nudged < 0x40000000u ? 1 : 0;
  return (high << 1) | int(nudged >> 31);
}

// value / 2^exponent, to nearest, halves away from zero; exponent 0..31.
int rounding_shift_right(int value, int exponent) {
  int mask = int((1u << exponent) - 1u);
  int threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> exponent) + ((value & mask) > threshold ? 1 : 0);
}

int multiply(int value, int mantissa, int shift) {
  int shifted = value << max(shift, 0);
  return rounding_shift_right(doubling_high_mul(shifted, mantissa), max(-shift, 0));
}

// value + zero within [low, high], which holds no more than 16 bits; does not overflow.
int place(int value, int zero, int low, int high) {
  return clamp(value, low - zero, high - zero) + zero;
}
