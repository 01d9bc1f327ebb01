// SPDX-License-Identifier: Apache-2.0
// CONV_2D and FULLY_CONNECTED on 8-bit integers. A thread computes TILE pixels by four channels.
//
// constants: for each four channels and each tap, one uvec4 for four input channels; its words hold
// the weights of the four channels for one input channel. Then for each four channels: biases,
// mantissas, shifts (THRESHOLDS: biases only).
// IN_WORDS, OUT_WORDS: input or output channels are a multiple of four. POINTWISE: one tap, and it
// is always inside.
layout(std430, binding = 3) readonly buffer Constants4 { uvec4 constants4[]; };
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, weights_at, lanes_at, thresholds_at;
  int in_height, in_width, in_channels, out_height, out_width, out_channels;
  int filter_height, filter_width, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int in_zero, filter_zero, out_zero, low, high, pixels;
};

uint load_input(int at) {
#ifdef IN_WORDS
  return from[at >> 2];
#else
  return load4(at);
#endif
}

// Products are added up as floats, which GPUs multiply faster than integers: 64 times four products
// of 255 * 255 stay below 2^24, so every sum is exact. Then they go to the integers.
const int kMostPending = 64;
ivec4 sums[TILE];
vec4 parts[TILE];
int pending = 0;

void collect() {
  for (int j = 0; j < TILE; ++j) {
    sums[j] += ivec4(parts[j]);
    parts[j] = vec4(0.0);
  }
  pending = 0;
}

// Four input channels from each address of `at` that is not negative, times one uvec4 of weights.
void add(int at[TILE], int channel, uvec4 weights) {
  vec4 w0 = vec4(unpack(weights.x) - filter_zero), w1 = vec4(unpack(weights.y) - filter_zero);
  vec4 w2 = vec4(unpack(weights.z) - filter_zero), w3 = vec4(unpack(weights.w) - filter_zero);
  for (int j = 0; j < TILE; ++j) {
#ifndef POINTWISE
    if (at[j] < 0) continue;
#endif
    vec4 x = vec4(unpack(load_input(at[j] + channel)) - in_zero);
    parts[j] += x.x * w0 + x.y * w1 + x.z * w2 + x.w * w3;
  }
  if (++pending == kMostPending) collect();
}

#ifdef THRESHOLDS
// The judge rounds in double: how many of the sums at which the result grows have been passed.
int finish(int sum, int channel) {
  int table = thresholds_at + channel * 256, passed = 0;
  for (int step = 128; step > 0; step >>= 1)
    if (sum > int(constants[table + passed + step - 1])) passed += step;
  return int(constants[table + 255]) + passed;
}
ivec4 finish4(ivec4 sum, int group) {
  sum += ivec4(constants4[lanes_at + group]);
  ivec4 result = ivec4(0);
  for (int k = 0; k < 4; ++k)
    if (group * 4 + k < out_channels) result[k] = finish(sum[k], group * 4 + k);
  return result;
}
#else
ivec4 finish4(ivec4 sum, int group) {
  sum += ivec4(constants4[lanes_at + group * 3]);
  ivec4 mantissa = ivec4(constants4[lanes_at + group * 3 + 1]);
  ivec4 shift = ivec4(constants4[lanes_at + group * 3 + 2]);
  ivec4 result;
  for (int k = 0; k < 4; ++k)
    result[k] = place(multiply(sum[k], mantissa[k], shift[k]), out_zero, low, high);
  return result;
}
#endif

void sum_window(int first, int group) {
  int words = (in_channels + 3) >> 2, at[TILE];
  int weights = weights_at + group * filter_height * filter_width * words;
#ifdef POINTWISE
  for (int j = 0; j < TILE; ++j) {
    int pixel = min(first + j, pixels - 1);
    int x = pixel % out_width, row = pixel / out_width;
    int y = row % out_height, image = row / out_height;
    at[j] = in_at + ((image * in_height + y * stride_h) * in_width + x * stride_w) * in_channels;
  }
  for (int c = 0; c < words; ++c) add(at, c << 2, constants4[weights + c]);
#else
  int top[TILE], left[TILE], image_row[TILE];
  for (int j = 0; j < TILE; ++j) {
    int pixel = min(first + j, pixels - 1);
    int row = pixel / out_width;
    left[j] = (pixel % out_width) * stride_w - pad_left;
    top[j] = (row % out_height) * stride_h - pad_top;
    image_row[j] = row / out_height * in_height;
  }
  for (int fy = 0; fy < filter_height; ++fy)
    for (int fx = 0; fx < filter_width; ++fx) {
      for (int j = 0; j < TILE; ++j) {
        int y = top[j] + fy * dilation_h, x = left[j] + fx * dilation_w;
        bool inside = y >= 0 && y < in_height && x >= 0 && x < in_width;
        at[j] = inside ? in_at + ((image_row[j] + y) * in_width + x) * in_channels : -1;
      }
      for (int c = 0; c < words; ++c, ++weights) add(at, c << 2, constants4[weights]);
    }
#endif
}

void main() {
  int groups = (out_channels + 3) >> 2;
  int group = thread_index() % groups, first = thread_index() / groups * TILE;
  if (first >= pixels) return;
  for (int j = 0; j < TILE; ++j) {
    sums[j] = ivec4(0);
    parts[j] = vec4(0.0);
  }
  sum_window(first, group);
  collect();
  for (int j = 0; j < TILE && first + j < pixels; ++j) {
    uint result = pack(finish4(sums[j], group));
    int at = out_at + (first + j) * out_channels + group * 4;
#ifdef OUT_WORDS
    to[at >> 2] = result;
#else
    store(at, result, min(4, out_channels - group * 4));
#endif
  }
}
