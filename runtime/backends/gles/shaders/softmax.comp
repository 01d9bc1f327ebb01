// SPDX-License-Identifier: Apache-2.0
// SOFTMAX on 8-bit integers: one work group a row. The constants hold the judge's table: entry
// 255 + d is exp(d) for the difference d to the largest, entry 511 + d its share of the sum.
layout(std140, binding = 0) uniform Params { int in_at, out_at, rows, depth, table_at, diff_min, low; };

shared int shares[64];

int total(int mine, bool largest) {
  uint thread = gl_LocalInvocationID.x;
  barrier();
  shares[thread] = mine;
  for (uint half_size = 32u; half_size > 0u; half_size >>= 1) {
    barrier();
    if (thread < half_size) {
      int other = shares[thread + half_size];
      shares[thread] = largest ? max(shares[thread], other) : shares[thread] + other;
    }
  }
  barrier();
  return shares[0];
}

// value * 2^exponent: saturating to the left, rounding to nearest to the right.
int scale_by_power(int value, int exponent) {
  if (exponent <= -32) return 0;
  if (exponent <= 0) return rounding_shift_right(value, -exponent);
  int left = min(exponent, 31);
  int shifted = value << left;
  if ((shifted >> left) == value) return shifted;
  return value < 0 ? int(0x80000000u) : 0x7fffffff;
}

// 1 / (1 + x) in Q0 for x in [0, 1) in Q0: three Newton steps on half the denominator.
int one_over_one_plus(int x) {
  int half_sum = (x >> 1) + 0x40000000;  // (x + 1) / 2: 2^31 - 1 is odd, so halves go up
  int y = 1515870810 + doubling_high_mul(half_sum, -1010580540);
  for (int i = 0; i < 3; ++i) {
    int missing = (1 << 29) - doubling_high_mul(half_sum, y);
    y += scale_by_power(doubling_high_mul(y, missing), 2);
  }
  return scale_by_power(y, 1);
}

void main() {
  int row = int(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x);
  bool inside = row < rows;
  int thread = int(gl_LocalInvocationID.x), in_row = in_at + row * depth;
  int largest = -256;
  if (inside)
    for (int c = thread; c < depth; c += 64) largest = max(largest, load1(in_row + c));
  largest = total(largest, true);
  int sum = 0;
  if (inside)
    for (int c = thread; c < depth; c += 64)
      sum += int(constants[table_at + 511 + load1(in_row + c) - largest]);
  sum = max(total(sum, false), 1);
  if (!inside) return;
  int zeros = 31 - findMSB(uint(sum));
  int mantissa = one_over_one_plus(int((uint(sum) << zeros) - 0x80000000u));
  int exponent = 12 - zeros + 31 - 8;
  for (int c = thread * 4; c < depth; c += 256) {
    ivec4 result = ivec4(low);
    for (int k = 0; k < 4 && c + k < depth; ++k) {
      int difference = load1(in_row + c + k) - largest;
      if (difference < diff_min) continue;
      int product = doubling_high_mul(mantissa, int(constants[table_at + 255 + difference]));
      result[k] = place(scale_by_power(product, -exponent), low, low, low + 255);
    }
    store(out_at + row * depth + c, pack(result), min(4, depth - c));
  }
}
