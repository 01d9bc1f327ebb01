// SPDX-License-Identifier: Apache-2.0
// AVERAGE_POOL_2D and MAX_POOL_2D (MAXIMUM) on 8-bit integers: four channels of one pixel a thread.
layout(std140, binding = 0) uniform Params {
  int in_at, out_at;
  int in_height, in_width, out_height, out_width, channels;
  int filter_height, filter_width, stride_h, stride_w, pad_top, pad_left;
  int low, high, pixels;
};

// To nearest, halves away from zero.
int average(int sum, int count) {
  int size = (abs(sum) + count / 2) / count;
  return sum < 0 ? -size : size;
}

void main() {
  int groups = (channels + 3) >> 2;
  int group = thread_index() % groups, pixel = thread_index() / groups;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int left = (pixel % out_width) * stride_w - pad_left, top = (row % out_height) * stride_h - pad_top;
  int y_begin = max(top, 0), y_end = min(top + filter_height, in_height);
  int x_begin = max(left, 0), x_end = min(left + filter_width, in_width);
#ifdef MAXIMUM
  ivec4 result = ivec4(-256);
#else
  ivec4 result = ivec4(0);
#endif
  for (int y = y_begin; y < y_end; ++y)
    for (int x = x_begin; x < x_end; ++x) {
      int at = in_at + ((row / out_height * in_height + y) * in_width + x) * channels + group * 4;
      ivec4 value = unpack(load4(at));
#ifdef MAXIMUM
      result = max(result, value);
#else
      result += value;
#endif
    }
#ifndef MAXIMUM
  int count = (y_end - y_begin) * (x_end - x_begin);
  for (int k = 0; k < 4; ++k) result[k] = average(result[k], count);
#endif
  result = clamp(result, ivec4(low), ivec4(high));
  store(out_at + pixel * channels + group * 4, pack(result), min(4, channels - group * 4));
}
