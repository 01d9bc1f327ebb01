// SPDX-License-Identifier: Apache-2.0
// MEAN and SUM on 8-bit integers: four outputs a thread. Kept and reduced dimensions are two loops
// each, outer and inner, with the steps of the input in elements.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, count;
  int kept_inner, kept_outer_step, kept_inner_step;
  int reduced_outer, reduced_inner, reduced_outer_step, reduced_inner_step;
  int zeros, out_zero, low, high, mantissa, shift;
};

void main() {
  int first = thread_index() * 4;
  if (first >= count) return;
  ivec4 at, sum = ivec4(-zeros), result;
  for (int k = 0; k < 4; ++k) {
    int output_index = min(first + k, count - 1);
    at[k] = in_at + output_index / kept_inner * kept_outer_step +
            output_index % kept_inner * kept_inner_step;
  }
  for (int i = 0; i < reduced_outer; ++i)
    for (int j = 0; j < reduced_inner; ++j) {
      int step = i * reduced_outer_step + j * reduced_inner_step;
#ifdef WORDS
      sum += unpack(from[(at.x + step) >> 2]);
#else
      sum += ivec4(load1(at.x + step), load1(at.y + step), load1(at.z + step), load1(at.w + step));
#endif
    }
  for (int k = 0; k < 4; ++k)
    result[k] = place(multiply(sum[k], mantissa, shift), out_zero, low, high);
  to[(out_at + first) >> 2] = pack(result);
}
