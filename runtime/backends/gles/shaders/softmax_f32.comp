// SPDX-License-Identifier: Apache-2.0
// SOFTMAX on floats: one work group a row.
layout(std140, binding = 0) uniform Params { int in_at, out_at, rows, depth, beta; };

shared float shares[64];

float total(float mine, bool largest) {
  uint thread = gl_LocalInvocationID.x;
  barrier();
  shares[thread] = mine;
  for (uint half_size = 32u; half_size > 0u; half_size >>= 1) {
    barrier();
    if (thread < half_size) {
      float other = shares[thread + half_size];
      shares[thread] = largest ? max(shares[thread], other) : shares[thread] + other;
    }
  }
  barrier();
  return shares[0];
}

void main() {
  int row = int(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x);
  bool inside = row < rows;
  int thread = int(gl_LocalInvocationID.x), at = (in_at >> 2) + row * depth;
  float largest = -3.402823466e38, sum = 0.0;
  if (inside)
    for (int c = thread; c < depth; c += 64) largest = max(largest, uintBitsToFloat(from[at + c]));
  largest = total(largest, true);
  if (inside)
    for (int c = thread; c < depth; c += 64)
      sum += exp((uintBitsToFloat(from[at + c]) - largest) * intBitsToFloat(beta));
  sum = total(sum, false);
  if (!inside) return;
  for (int c = thread; c < depth; c += 64) {
    float share = exp((uintBitsToFloat(from[at + c]) - largest) * intBitsToFloat(beta)) / sum;
    to[(out_at >> 2) + row * depth + c] = floatBitsToUint(share);
  }
}
