// SPDX-License-Identifier: Apache-2.0
// An 8-bit function of one number, as 256 bytes among the constants: four elements a thread.
layout(std140, binding = 0) uniform Params { int in_at, out_at, count, table_at; };

uint look_up(uint byte) {
  return (constants[table_at + int(byte >> 2)] >> ((byte & 3u) << 3)) & 255u;
}

void main() {
  int element = thread_index() * 4;
  if (element >= count) return;
  uint word = from[(in_at + element) >> 2];
  to[(out_at + element) >> 2] = look_up(word & 255u) | (look_up((word >> 8) & 255u) << 8) |
                                (look_up((word >> 16) & 255u) << 16) | (look_up(word >> 24) << 24);
}
