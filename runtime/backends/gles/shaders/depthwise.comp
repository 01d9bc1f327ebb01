// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on 8-bit integers. A thread computes four channels of one pixel.
//
// constants: for each four channels one word of weights a tap. Then for each four channels: biases,
// mantissas, shifts.
// WORDS: channels are a multiple of four. MULTIPLIED: several output channels for each input one.
layout(std430, binding = 3) readonly buffer Constants4 { uvec4 constants4[]; };
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, weights_at, lanes_at;
  int in_height, in_width, in_channels, out_height, out_width, out_channels;
  int filter_height, filter_width, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int in_zero, filter_zero, out_zero, low, high, pixels;
};

// The elements that the channels from `channel` on see, of the input pixel at `at`.
ivec4 load_input(int at, int channel) {
#if defined(MULTIPLIED)
  int each = out_channels / in_channels;
  ivec4 x;
  for (int k = 0; k < 4; ++k) x[k] = load1(at + min((channel + k) / each, in_channels - 1));
  return x;
#elif defined(WORDS)
  return unpack(from[(at + channel) >> 2]);
#else
  return unpack(load4(at + channel));
#endif
}

void main() {
  int groups = (out_channels + 3) >> 2;
  int group = thread_index() % groups, pixel = thread_index() / groups;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int left = (pixel % out_width) * stride_w - pad_left;
  int top = (row % out_height) * stride_h - pad_top;
  int image_row = row / out_height * in_height;
  int weights = weights_at + group * filter_height * filter_width;
  ivec4 sum = ivec4(0);
  for (int fy = 0; fy < filter_height; ++fy)
    for (int fx = 0; fx < filter_width; ++fx, ++weights) {
      int y = top + fy * dilation_h, x = left + fx * dilation_w;
      if (y < 0 || y >= in_height || x < 0 || x >= in_width) continue;
      int at = in_at + ((image_row + y) * in_width + x) * in_channels;
      sum += (load_input(at, group * 4) - in_zero) * (unpack(constants[weights]) - filter_zero);
    }
  sum += ivec4(constants4[lanes_at + group * 3]);
  ivec4 mantissa = ivec4(constants4[lanes_at + group * 3 + 1]);
  ivec4 shift = ivec4(constants4[lanes_at + group * 3 + 2]);
  ivec4 result;
  for (int k = 0; k < 4; ++k)
    result[k] = place(multiply(sum[k], mantissa[k], shift[k]), out_zero, low, high);
  int at = out_at + pixel * out_channels + group * 4;
#ifdef WORDS
  to[at >> 2] = pack(result);
#else
  store(at, pack(result), min(4, out_channels - group * 4));
#endif
}
