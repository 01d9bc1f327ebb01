// SPDX-License-Identifier: Apache-2.0
// A strided copy of any element type: up to four bytes of a block a thread. `loops_at` finds for
// each loop, outermost first, its extent and the steps of input and output in bytes.
// TABLE: 8-bit elements go through 256 bytes among the constants on the way.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, rank, loops_at, block, count, table_at;
};

uint look_up(uint byte) {
  return (constants[table_at + int(byte >> 2)] >> ((byte & 3u) << 3)) & 255u;
}

void main() {
  int index = thread_index();
  if (index >= count) return;
  int pieces = (block + 3) >> 2;
  int piece = index % pieces * 4, read = in_at + piece, write = out_at + piece;
  index /= pieces;
  for (int d = rank - 1; d >= 0; --d) {
    int extent = int(constants[loops_at + 3 * d]), i = index % extent;
    index /= extent;
    read += i * int(constants[loops_at + 3 * d + 1]);
    write += i * int(constants[loops_at + 3 * d + 2]);
  }
  uint word = load4(read);
#ifdef TABLE
  word = look_up(word & 255u) | (look_up((word >> 8) & 255u) << 8) |
         (look_up((word >> 16) & 255u) << 16) | (look_up(word >> 24) << 24);
#endif
  store(write, word, min(4, block - piece));
}
