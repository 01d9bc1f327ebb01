// SPDX-License-Identifier: Apache-2.0
// AVERAGE_POOL_2D and MAX_POOL_2D (MAXIMUM) on floats: one output a thread.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at;
  int in_height, in_width, out_height, out_width, channels;
  int filter_height, filter_width, stride_h, stride_w, pad_top, pad_left;
  int low, high, pixels;
};

void main() {
  int channel = thread_index() % channels, pixel = thread_index() / channels;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int left = (pixel % out_width) * stride_w - pad_left, top = (row % out_height) * stride_h - pad_top;
  int y_begin = max(top, 0), y_end = min(top + filter_height, in_height);
  int x_begin = max(left, 0), x_end = min(left + filter_width, in_width);
#ifdef MAXIMUM
  float result = -3.402823466e38;
#else
  float result = 0.0;
#endif
  for (int y = y_begin; y < y_end; ++y)
    for (int x = x_begin; x < x_end; ++x) {
      int at = ((row / out_height * in_height + y) * in_width + x) * channels + channel;
      float value = uintBitsToFloat(from[(in_at >> 2) + at]);
#ifdef MAXIMUM
      result = max(result, value);
#else
      result += value;
#endif
    }
#ifndef MAXIMUM
  result /= float((y_end - y_begin) * (x_end - x_begin));
#endif
  result = clamp(result, intBitsToFloat(low), intBitsToFloat(high));
  to[(out_at >> 2) + pixel * channels + channel] = floatBitsToUint(result);
}
