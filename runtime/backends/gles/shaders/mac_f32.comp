// SPDX-License-Identifier: Apache-2.0
// CONV_2D and FULLY_CONNECTED on floats. A thread computes TILE pixels by four channels.
//
// constants: for each four output channels and each tap, one uvec4 an input channel; then for each
// four channels the biases. POINTWISE as in mac.comp.
layout(std430, binding = 3) readonly buffer Constants4 { uvec4 constants4[]; };
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, weights_at, lanes_at;
  int in_height, in_width, in_channels, out_height, out_width, out_channels;
  int filter_height, filter_width, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int low, high, pixels;
};

vec4 sums[TILE];

// One tap: `at` are indices of input pixels in words, -1 outside.
void add(int at[TILE], int weights) {
  for (int c = 0; c < in_channels; ++c) {
    vec4 w = uintBitsToFloat(constants4[weights + c]);
    for (int j = 0; j < TILE; ++j) {
#ifndef POINTWISE
      if (at[j] < 0) continue;
#endif
      sums[j] += uintBitsToFloat(from[at[j] + c]) * w;
    }
  }
}

void sum_window(int first, int group) {
  int weights = weights_at + group * filter_height * filter_width * in_channels, at[TILE];
  int top[TILE], left[TILE], image_row[TILE];
  for (int j = 0; j < TILE; ++j) {
    int pixel = min(first + j, pixels - 1);
    int row = pixel / out_width;
    left[j] = (pixel % out_width) * stride_w - pad_left;
    top[j] = (row % out_height) * stride_h - pad_top;
    image_row[j] = row / out_height * in_height;
  }
  for (int fy = 0; fy < filter_height; ++fy)
    for (int fx = 0; fx < filter_width; ++fx, weights += in_channels) {
      for (int j = 0; j < TILE; ++j) {
        int y = top[j] + fy * dilation_h, x = left[j] + fx * dilation_w;
        bool inside = y >= 0 && y < in_height && x >= 0 && x < in_width;
        at[j] = inside ? (in_at >> 2) + ((image_row[j] + y) * in_width + x) * in_channels : -1;
      }
      add(at, weights);
    }
}

void main() {
  int groups = (out_channels + 3) >> 2;
  int group = thread_index() % groups, first = thread_index() / groups * TILE;
  if (first >= pixels) return;
  for (int j = 0; j < TILE; ++j) sums[j] = vec4(0.0);
  sum_window(first, group);
  vec4 bias = uintBitsToFloat(constants4[lanes_at + group]);
  for (int j = 0; j < TILE && first + j < pixels; ++j) {
    vec4 result = clamp(sums[j] + bias, intBitsToFloat(low), intBitsToFloat(high));
    int at = (out_at >> 2) + (first + j) * out_channels + group * 4;
    for (int k = 0; k < 4; ++k)
      if (group * 4 + k < out_channels) to[at + k] = floatBitsToUint(result[k]);
  }
}
