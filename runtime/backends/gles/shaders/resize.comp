// SPDX-License-Identifier: Apache-2.0
// RESIZE_NEAREST_NEIGHBOR on bytes of any type (NEAREST) and RESIZE_BILINEAR on int8: four bytes of
// one output pixel a thread. `taps_at` finds for each output row and then for each column: the two
// input indices and the weight of the second in 1/1024.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, taps_at, in_height, in_width, out_height, out_width, channels, pixels;
};

// To nearest, halves away from zero.
int divided(int sum) {
  int size = (abs(sum) + (1 << 19)) >> 20;
  return sum < 0 ? -size : size;
}

void main() {
  int groups = (channels + 3) >> 2;
  int channel = thread_index() % groups * 4, pixel = thread_index() / groups;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int y = taps_at + row % out_height * 3, x = taps_at + (out_height + pixel % out_width) * 3;
  int image = in_at + row / out_height * in_height * in_width * channels + channel;
  int top = image + int(constants[y]) * in_width * channels;
  int left = int(constants[x]) * channels;
  uint result = load4(top + left);
#ifndef NEAREST
  int bottom = image + int(constants[y + 1]) * in_width * channels;
  int right = int(constants[x + 1]) * channels;
  int y1 = int(constants[y + 2]), x1 = int(constants[x + 2]);
  ivec4 sum = unpack(result) * ((1024 - y1) * (1024 - x1)) +
              unpack(load4(top + right)) * ((1024 - y1) * x1) +
              unpack(load4(bottom + left)) * (y1 * (1024 - x1)) +
              unpack(load4(bottom + right)) * (y1 * x1);
  result = pack(ivec4(divided(sum.x), divided(sum.y), divided(sum.z), divided(sum.w)));
#endif
  store(out_at + pixel * channels + channel, result, min(4, channels - channel));
}
