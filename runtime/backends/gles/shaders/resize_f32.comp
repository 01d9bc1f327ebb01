// SPDX-License-Identifier: Apache-2.0
// RESIZE_BILINEAR on floats: one output a thread. `taps_at` as in resize.comp, the weights floats.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, taps_at, in_height, in_width, out_height, out_width, channels, pixels;
};

void main() {
  int channel = thread_index() % channels, pixel = thread_index() / channels;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int y = taps_at + row % out_height * 3, x = taps_at + (out_height + pixel % out_width) * 3;
  int image = (in_at >> 2) + row / out_height * in_height * in_width * channels + channel;
  int top = image + int(constants[y]) * in_width * channels;
  int bottom = image + int(constants[y + 1]) * in_width * channels;
  int left = int(constants[x]) * channels, right = int(constants[x + 1]) * channels;
  float y1 = uintBitsToFloat(constants[y + 2]), x1 = uintBitsToFloat(constants[x + 2]);
  float result = uintBitsToFloat(from[top + left]) * (1.0 - y1) * (1.0 - x1) +
                 uintBitsToFloat(from[bottom + left]) * y1 * (1.0 - x1) +
                 uintBitsToFloat(from[top + right]) * (1.0 - y1) * x1 +
                 uintBitsToFloat(from[bottom + right]) * y1 * x1;
  to[(out_at >> 2) + pixel * channels + channel] = floatBitsToUint(result);
}
