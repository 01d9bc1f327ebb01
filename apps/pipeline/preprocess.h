// SPDX-License-Identifier: Apache-2.0
// Preprocess: from a camera picture straight into the model's input tensor.
//
//   cut out -> resize (bilinear) -> order the colours -> (v - mean) / std -> quantize
//
// Float arithmetic in the order of the reference, so the bytes equal those of tf.image.resize
// (half-pixel centers, no antialias) followed by TFLite's QUANTIZE:
//   at  = (i + 0.5) * (in / out) - 0.5,  l = max(floor(at), 0),  u = min(ceil(at), in - 1)
//   top = tl + (tr - tl) * fx,  bottom = bl + (br - bl) * fx,  v = top + (bottom - top) * fy
//   q   = clamp(round_half_away(real / scale) + zero_point)
// Gray from colour: 0.299 R + 0.587 G + 0.114 B of the resized values.
#pragma once

#include <cstdint>
#include <vector>

#include "apps/pipeline/config.h"
#include "apps/pipeline/geometry.h"
#include "drivers/camera/frame_source.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/cpu/isa.h"
#include "runtime/graph/tensor.h"
#include "runtime/kernels/picture/picture_columns.h"

namespace pinfer {

struct PreprocessConfig {
  ResizeMode resize = ResizeMode::stretch;
  ColorOrder color = ColorOrder::automatic;
  // real = (pixel - mean) / std with pixel 0..255; one value, or one a channel. Both empty: the
  // pixel itself is the real value for float inputs, and the quantized value (minus 128 for int8)
  // for integer ones, as classifiers without metadata expect it.
  std::vector<float> mean = {}, std = {};
  // First of all the middle of the picture is cut out, this fraction of both sides.
  float crop_fraction = 1.0f;

  friend bool operator==(const PreprocessConfig&, const PreprocessConfig&) = default;
};

// What the configuration and the model's metadata say together. Metadata counts where the
// configuration is silent, but not for uint8 inputs: their quantization already maps pixels.
PreprocessConfig preprocess_config(const ModelInputConfig& config, DType input,
                                   const std::vector<float>& metadata_mean,
                                   const std::vector<float>& metadata_std);

class Preprocess final {
 public:
  // `input`: [1,H,W,C], [H,W,C] or [1,C,H,W] with C 1 or 3; float32, int8, uint8 or int16. Errors
  // name the tensor: unsupported (no picture fits), config (mean or std wrong).
  static Result<Preprocess> create(const PreprocessConfig& config, const FrameGeometry& frame,
                                   const TensorInfo& input, IsaBits isa = detect_isa());

  // Fills the tensor that `create` was given the description of. Allocates nothing. bad_value: the
  // frame has another geometry.
  [[nodiscard]] Status run(const Frame& frame, std::byte* input) noexcept;

  [[nodiscard]] const FrameGeometry& frame_geometry() const noexcept { return frame_; }
  // Maps the model's boxes back to the picture.
  [[nodiscard]] const InputGeometry& geometry() const noexcept { return geometry_; }

 private:
  // Where one output row comes from: rows of the picture.
  struct RowTap {
    std::int32_t lower = 0, upper = 0;
    float fraction = 0.0f;
  };
  struct Rect {
    int x = 0, y = 0, width = 0, height = 0;
  };
  struct Layout {
    int height = 0, width = 0, channels = 0;
    std::size_t pixel_step = 0, channel_step = 0;  // elements
  };

  static Result<Layout> read_layout(const TensorInfo& input);
  Result<void> prepare_values(const PreprocessConfig& config, const TensorInfo& input);
  Result<void> prepare_regions(const PreprocessConfig& config, const TensorInfo& input);
  void prepare_channels(ColorOrder order) noexcept;
  void prepare_columns();
  void prepare_rows();
  void prepare_bar();
  void store_bar(std::byte* row, int begin, int end) const noexcept;

  FrameGeometry frame_;
  InputGeometry geometry_;
  Layout layout_;
  Rect from_;         // of the picture
  Rect to_;           // of the input; around it is padding of value 0
  PictureArgs args_;  // without pointers
  const PictureKernel* kernel_ = nullptr;
  std::vector<float> mean_, std_;  // for kPictureStep values
  std::vector<PictureTap> taps_;
  PictureColumns columns_;
  std::vector<RowTap> rows_;
  std::vector<std::byte> bar_;  // a row of the input, all padding, pixel by pixel
};

}  // namespace pinfer
