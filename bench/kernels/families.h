// SPDX-License-Identifier: Apache-2.0
// What a bench must know of each multiply-accumulate family: its table, sizes and rows of a block.
#pragma once

#include <span>

#include "runtime/kernels/conv/conv.h"
#include "runtime/kernels/depthwise/depthwise.h"
#include "runtime/kernels/fully_connected/fully_connected.h"

namespace pinfer::bench {

struct ConvFamily {
  using Args = ConvArgs;
  using Kernel = ConvKernel;
  using Shape = ConvShape;
  static std::span<const Kernel* const> kernels() { return conv_kernels(); }
  static std::int64_t rows(const Shape& s) {
    return std::int64_t{s.batches} * s.out_height * s.out_width;
  }
  static std::int64_t inputs(const Shape& s) {
    return std::int64_t{s.batches} * s.in_height * s.in_width * s.in_channels;
  }
  static std::int64_t depth(const Shape& s) {  // products that make one output
    return std::int64_t{s.filter_height} * s.filter_width * (s.in_channels / s.groups);
  }
  static std::int64_t weights(const Shape& s) { return depth(s) * s.out_channels; }
  static std::int64_t outputs(const Shape& s) { return rows(s) * s.out_channels; }
  static std::int32_t channels(const Shape& s) { return s.out_channels; }
};

struct DepthwiseFamily {
  using Args = DepthwiseArgs;
  using Kernel = DepthwiseKernel;
  using Shape = ConvShape;
  static std::span<const Kernel* const> kernels() { return depthwise_kernels(); }
  static std::int64_t rows(const Shape& s) { return std::int64_t{s.batches} * s.out_height; }
  static std::int64_t inputs(const Shape& s) { return ConvFamily::inputs(s); }
  static std::int64_t depth(const Shape& s) {
    return std::int64_t{s.filter_height} * s.filter_width;
  }
  static std::int64_t weights(const Shape& s) { return depth(s) * s.out_channels; }
  static std::int64_t outputs(const Shape& s) { return ConvFamily::outputs(s); }
  static std::int32_t channels(const Shape& s) { return s.out_channels; }
};

struct FullyConnectedFamily {
  using Args = FullyConnectedArgs;
  using Kernel = FullyConnectedKernel;
  using Shape = FullyConnectedShape;
  static std::span<const Kernel* const> kernels() { return fully_connected_kernels(); }
  static std::int64_t rows(const Shape& s) { return s.rows; }
  static std::int64_t inputs(const Shape& s) { return s.rows * s.depth; }
  static std::int64_t depth(const Shape& s) { return s.depth; }
  static std::int64_t weights(const Shape& s) { return std::int64_t{s.depth} * s.channels; }
  static std::int64_t outputs(const Shape& s) { return s.rows * s.channels; }
  static std::int32_t channels(const Shape& s) { return s.channels; }
};

}  // namespace pinfer::bench
