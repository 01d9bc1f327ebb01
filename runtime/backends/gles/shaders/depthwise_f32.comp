// SPDX-License-Identifier: Apache-2.0
// DEPTHWISE_CONV_2D on floats. A thread computes four channels of one pixel.
//
// constants: for each four channels one uvec4 of weights a tap; then for each four the biases.
layout(std430, binding = 3) readonly buffer Constants4 { uvec4 constants4[]; };
layout(std140, binding = 0) uniform Params {
  int in_at, out_at, weights_at, lanes_at;
  int in_height, in_width, in_channels, out_height, out_width, out_channels;
  int filter_height, filter_width, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int low, high, pixels;
};

void main() {
  int groups = (out_channels + 3) >> 2, each = out_channels / in_channels;
  int group = thread_index() % groups, pixel = thread_index() / groups;
  if (pixel >= pixels) return;
  int row = pixel / out_width;
  int left = (pixel % out_width) * stride_w - pad_left;
  int top = (row % out_height) * stride_h - pad_top;
  int image_row = row / out_height * in_height;
  int weights = weights_at + group * filter_height * filter_width;
  vec4 sum = vec4(0.0);
  for (int fy = 0; fy < filter_height; ++fy)
    for (int fx = 0; fx < filter_width; ++fx, ++weights) {
      int y = top + fy * dilation_h, x = left + fx * dilation_w;
      if (y < 0 || y >= in_height || x < 0 || x >= in_width) continue;
      int at = (in_at >> 2) + ((image_row + y) * in_width + x) * in_channels;
      vec4 value;
      for (int k = 0; k < 4; ++k)
        value[k] = uintBitsToFloat(from[at + min((group * 4 + k) / each, in_channels - 1)]);
      sum += value * uintBitsToFloat(constants4[weights]);
    }
  sum = clamp(sum + uintBitsToFloat(constants4[lanes_at + group]), intBitsToFloat(low),
              intBitsToFloat(high));
  int at = (out_at >> 2) + pixel * out_channels + group * 4;
  for (int k = 0; k < 4; ++k)
    if (group * 4 + k < out_channels) to[at + k] = floatBitsToUint(sum[k]);
}
