// SPDX-License-Identifier: Apache-2.0
// Set-up of Preprocess; preprocess_run.cc has the hot half.
#include "apps/pipeline/preprocess.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pinfer {
namespace {

bool is_channel_count(std::int32_t count) noexcept { return count == 1 || count == 3; }

// Between which two of `in` pixels the output pixel i of `out` lies.
struct Place {
  int lower = 0, upper = 0;
  float fraction = 0.0f;
};
Place place_of(int i, int in, int out) noexcept {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f;
  const float floor = std::floor(at);
  return {std::max(static_cast<int>(floor), 0), std::min(static_cast<int>(std::ceil(at)), in - 1),
          at - floor};
}

}  // namespace

PreprocessConfig preprocess_config(const ModelInputConfig& config, DType input,
                                   const std::vector<float>& metadata_mean,
                                   const std::vector<float>& metadata_std) {
  PreprocessConfig result;
  result.resize = config.resize;
  result.color = config.color;
  result.mean = config.mean;
  result.std = config.std;
  if (config.mean.empty() && config.std.empty() && input != DType::u8) {
    result.mean = metadata_mean;
    result.std = metadata_std;
  }
  return result;
}

Result<Preprocess> Preprocess::create(const PreprocessConfig& config, const FrameGeometry& frame,
                                      const TensorInfo& input, IsaBits isa) {
  if (frame.width <= 0 || frame.height <= 0)
    return fail(ErrorCode::invalid_argument, "a picture of {}x{}", frame.width, frame.height);
  Preprocess result;
  result.frame_ = frame;
  PINFER_TRY(result.layout_, read_layout(input));
  const Layout& layout = result.layout_;
  result.args_.shape = {.source_channels = bytes_per_pixel(frame.format),
                        .channels = layout.channels,
                        .dtype = input.dtype,
                        .interleaved = layout.channel_step == 1,
                        .row_bytes = frame.width * bytes_per_pixel(frame.format)};
  result.args_.pixel_step = layout.pixel_step;
  result.args_.channel_step = layout.channel_step;
  PINFER_CHECK(result.prepare_values(config, input));
  PINFER_CHECK(result.prepare_regions(config, input));
  result.prepare_channels(config.color);
  result.kernel_ = &select_picture(isa, result.args_.shape);
  result.prepare_columns();
  result.prepare_rows();
  result.prepare_bar();
  return result;
}

Result<Preprocess::Layout> Preprocess::read_layout(const TensorInfo& input) {
  const bool known_type = input.dtype == DType::f32 || input.dtype == DType::i8 ||
                          input.dtype == DType::u8 || input.dtype == DType::i16;
  Shape shape = input.shape;
  if (shape.size() == 3) shape = {1, shape[0], shape[1], shape[2]};
  if (!known_type || shape.size() != 4 || shape[0] != 1 || elements(shape) <= 0)
    return fail(ErrorCode::unsupported,
                "input '{}' is {} {}: a picture needs [1,height,width,1 or 3] of float32, int8, "
                "uint8 or int16",
                input.name, to_string(input.dtype), to_string(input.shape));
  Layout layout;
  if (is_channel_count(shape[3])) {
    layout = {shape[1], shape[2], shape[3], static_cast<std::size_t>(shape[3]), 1};
  } else if (is_channel_count(shape[1])) {
    layout = {shape[2], shape[3], shape[1], 1,
              static_cast<std::size_t>(shape[2]) * static_cast<std::size_t>(shape[3])};
  } else {
    return fail(ErrorCode::unsupported,
                "input '{}' is {}: {} channels; a picture has 1 (gray) or 3 (colour)", input.name,
                to_string(input.shape), shape[3]);
  }
  return layout;
}

Result<void> Preprocess::prepare_values(const PreprocessConfig& config, const TensorInfo& input) {
  const auto channels = static_cast<std::size_t>(layout_.channels);
  const auto fits = [channels](const std::vector<float>& values) {
    return values.empty() || values.size() == 1 || values.size() == channels;
  };
  if (!fits(config.mean) || !fits(config.std))
    return fail(
        ErrorCode::config,
        "mean and std: {} and {} values; the model's input has {} channels: give one value, "
        "or one a channel",
        config.mean.size(), config.std.size(), channels);
  mean_.assign(kPictureStep, 0.0f);
  std_.assign(kPictureStep, 1.0f);
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    const std::size_t c = i % channels;
    if (!config.mean.empty()) mean_[i] = config.mean[config.mean.size() == 1 ? 0 : c];
    if (!config.std.empty()) std_[i] = config.std[config.std.size() == 1 ? 0 : c];
    if (!std::isfinite(mean_[i]) || !std::isfinite(std_[i]) || std_[i] <= 0.0f)
      return fail(ErrorCode::config, "mean {} and std {}: std must be above 0", mean_[i], std_[i]);
  }
  const bool normalise = !config.mean.empty() || !config.std.empty();
  if (input.dtype == DType::f32) return {};
  args_.shape.plain = !normalise || !input.quant.quantized();
  if (args_.shape.plain) {
    if (normalise)
      return fail(ErrorCode::config,
                  "input '{}' is {} without quantization: it takes pixels as they are; leave mean "
                  "and std out",
                  input.name, to_string(input.dtype));
    args_.zero = input.dtype == DType::i8 ? -128 : 0;
    return {};
  }
  args_.scale = input.scale();
  args_.zero = input.zero_point();
  constexpr std::int32_t kMaxZeroPoint = 65535;
  if (input.quant.per_channel() || !std::isfinite(args_.scale) || args_.scale <= 0.0f ||
      std::abs(args_.zero) > kMaxZeroPoint)
    return fail(ErrorCode::unsupported,
                "input '{}': quantization with scale {}, zero point {} and {} scales in all",
                input.name, args_.scale, args_.zero, input.quant.scale.size());
  return {};
}

// Which part of the picture goes to which part of the input.
Result<void> Preprocess::prepare_regions(const PreprocessConfig& config, const TensorInfo& input) {
  if (!(config.crop_fraction > 0.0f && config.crop_fraction <= 1.0f))
    return fail(ErrorCode::config, "a crop of {}: it is above 0 and at most 1",
                config.crop_fraction);
  const auto margin = [&](int side) {  // as tf.image.central_crop
    return static_cast<int>(
        (static_cast<double>(side) -
         static_cast<double>(side) * static_cast<double>(config.crop_fraction)) /
        2.0);
  };
  from_ = {margin(frame_.width), margin(frame_.height), 0, 0};
  from_.width = frame_.width - 2 * from_.x;
  from_.height = frame_.height - 2 * from_.y;
  to_ = {0, 0, layout_.width, layout_.height};
  const auto in_w = static_cast<std::int64_t>(from_.width);
  const auto in_h = static_cast<std::int64_t>(from_.height);
  if (config.resize == ResizeMode::crop) {
    const auto width = std::clamp<std::int64_t>(in_h * to_.width / to_.height, 1, in_w);
    const auto height = std::clamp<std::int64_t>(in_w * to_.height / to_.width, 1, in_h);
    from_.x += static_cast<int>((in_w - width) / 2);
    from_.y += static_cast<int>((in_h - height) / 2);
    from_.width = static_cast<int>(width);
    from_.height = static_cast<int>(height);
  } else if (config.resize == ResizeMode::letterbox) {  // as tf.image.resize_with_pad
    const float ratio = std::max(static_cast<float>(in_w) / static_cast<float>(to_.width),
                                 static_cast<float>(in_h) / static_cast<float>(to_.height));
    const float width = static_cast<float>(in_w) / ratio;
    const float height = static_cast<float>(in_h) / ratio;
    to_.x = std::max(0, static_cast<int>(std::floor((static_cast<float>(to_.width) - width) / 2)));
    to_.y =
        std::max(0, static_cast<int>(std::floor((static_cast<float>(to_.height) - height) / 2)));
    to_.width = std::clamp(static_cast<int>(std::floor(width)), 1, layout_.width - to_.x);
    to_.height = std::clamp(static_cast<int>(std::floor(height)), 1, layout_.height - to_.y);
  }
  if (from_.width <= 0 || from_.height <= 0)
    return fail(ErrorCode::config, "input '{}': nothing of a {}x{} picture is left", input.name,
                frame_.width, frame_.height);
  // Input fraction u is input column u * W; that column lies at (u * W - to.x) / to.width of
  // `from`.
  const auto axis = [](int from, int size, int picture, int to, int to_size, int whole,
                       float& offset, float& scale) {
    const double step = static_cast<double>(size) / to_size;  // picture pixels for an input pixel
    offset = static_cast<float>((from - to * step) / picture);
    scale = static_cast<float>(whole * step / picture);
  };
  axis(from_.x, from_.width, frame_.width, to_.x, to_.width, layout_.width, geometry_.offset_x,
       geometry_.scale_x);
  axis(from_.y, from_.height, frame_.height, to_.y, to_.height, layout_.height, geometry_.offset_y,
       geometry_.scale_y);
  return {};
}

void Preprocess::prepare_channels(ColorOrder order) noexcept {
  if (frame_.format == PixelFormat::gray8) {
    for (int& byte : args_.order) byte = 0;
    return;
  }
  // Gray of colour takes red, green, blue.
  const bool wants_bgr = order == ColorOrder::bgr && layout_.channels != 1;
  const bool has_bgr = frame_.format == PixelFormat::bgr8;
  if (wants_bgr != has_bgr) std::swap(args_.order[0], args_.order[2]);
}

void Preprocess::prepare_columns() {
  const int pixel = args_.shape.source_channels;
  for (int i = 0; i < to_.width; ++i) {
    const Place place = place_of(i, from_.width, to_.width);
    taps_.push_back(
        {(from_.x + place.lower) * pixel, (from_.x + place.upper) * pixel, place.fraction});
  }
  args_.width = to_.width;
  if (kernel_->uses_table) columns_ = PictureColumns(taps_, args_.order, args_.shape.row_bytes);
}

void Preprocess::prepare_rows() {
  for (int i = 0; i < to_.height; ++i) {
    const Place place = place_of(i, from_.height, to_.height);
    rows_.push_back({from_.y + place.lower, from_.y + place.upper, place.fraction});
  }
}

// What a black pixel becomes.
void Preprocess::prepare_bar() {
  const std::vector<PictureTap> taps(static_cast<std::size_t>(layout_.width));
  constexpr std::uint8_t kBlack[3] = {};
  bar_.resize(taps.size() * static_cast<std::size_t>(layout_.channels) *
              size_of(args_.shape.dtype));
  PictureArgs args = args_;
  args.width = layout_.width;
  args.top = args.bottom = kBlack;
  args.taps = taps.data();
  args.mean = mean_.data();
  args.std = std_.data();
  args.out = bar_.data();
  args.pixel_step = static_cast<std::size_t>(layout_.channels);
  args.channel_step = 1;
  select_picture(isa::scalar, args.shape).run(args);
}

}  // namespace pinfer
