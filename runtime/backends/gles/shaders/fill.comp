// SPDX-License-Identifier: Apache-2.0
// Every word of a tensor becomes `value`.
layout(std140, binding = 0) uniform Params { int out_at, count, value; };

void main() {
  int index = thread_index();
  if (index < count) to[(out_at >> 2) + index] = uint(value);
}
