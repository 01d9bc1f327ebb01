// SPDX-License-Identifier: Apache-2.0
// MEAN and SUM (divisor 1) on floats: one output a thread. Loops as in mean.comp.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, count;
  int kept_inner, kept_outer_step, kept_inner_step;
  int reduced_outer, reduced_inner, reduced_outer_step, reduced_inner_step;
  int divisor;
};

void main() {
  int index = thread_index();
  if (index >= count) return;
  int at = (in_at >> 2) + index / kept_inner * kept_outer_step + index % kept_inner * kept_inner_step;
  float sum = 0.0;
  for (int i = 0; i < reduced_outer; ++i)
    for (int j = 0; j < reduced_inner; ++j)
      sum += uintBitsToFloat(from[at + i * reduced_outer_step + j * reduced_inner_step]);
  to[(out_at >> 2) + index] = floatBitsToUint(sum / float(divisor));
}
