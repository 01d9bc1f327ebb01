// SPDX-License-Identifier: Apache-2.0
#include "apps/pipeline/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace pinfer {
namespace {

struct Image {
  FrameGeometry geometry;
  std::size_t stride = 0;
  std::vector<std::uint8_t> bytes;

  Frame frame() const {
    return {.data = bytes.data(),
            .width = geometry.width,
            .height = geometry.height,
            .stride = stride,
            .format = geometry.format,
            .sequence = 0,
            .captured_at = {}};
  }
  // Channel in the order red, green, blue; the same three times for gray pictures.
  float rgb(int x, int y, int c) const {
    const int channels = bytes_per_pixel(geometry.format);
    const int byte = channels == 1 ? 0 : geometry.format == PixelFormat::bgr8 ? 2 - c : c;
    return bytes[static_cast<std::size_t>(y) * stride +
                 static_cast<std::size_t>(x * channels + byte)];
  }
};

Image random_image(int width, int height, PixelFormat format, unsigned seed) {
  Image image{{width, height, format}, 0, {}};
  image.stride = static_cast<std::size_t>(width * bytes_per_pixel(format) + 5);
  image.bytes.resize(image.stride * static_cast<std::size_t>(height));
  std::mt19937 random(seed);
  for (auto& byte : image.bytes) byte = static_cast<std::uint8_t>(random());
  return image;
}

TensorInfo input_info(DType dtype, Shape shape, float scale = 0.0f, std::int32_t zero_point = 0) {
  TensorInfo info;
  info.name = "image";
  info.dtype = dtype;
  info.shape = shape;
  if (scale > 0.0f) info.quant = {{scale}, {zero_point}, 0};
  return info;
}

// tf.image.resize of the part (x0, y0, w, h) at one place, written for reading.
float reference_pixel(const Image& image, const std::array<int, 4>& part, int out_w, int out_h,
                      const std::array<int, 3>& place) {
  const int w = part[2], h = part[3];
  const int x = place[0], y = place[1];
  const float in_x =
      (static_cast<float>(x) + 0.5f) * (static_cast<float>(w) / static_cast<float>(out_w)) - 0.5f;
  const float in_y =
      (static_cast<float>(y) + 0.5f) * (static_cast<float>(h) / static_cast<float>(out_h)) - 0.5f;
  const int left = std::max(0, static_cast<int>(std::floor(in_x)));
  const int right = std::min(w - 1, static_cast<int>(std::ceil(in_x)));
  const int top = std::max(0, static_cast<int>(std::floor(in_y)));
  const int bottom = std::min(h - 1, static_cast<int>(std::ceil(in_y)));
  const float fx = in_x - std::floor(in_x);
  const float fy = in_y - std::floor(in_y);
  const auto at = [&](int px, int py) { return image.rgb(part[0] + px, part[1] + py, place[2]); };
  const float above = at(left, top) + (at(right, top) - at(left, top)) * fx;
  const float below = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * fx;
  return above + (below - above) * fy;
}

float reference_gray(const Image& image, const std::array<int, 4>& part, int w, int h, int x,
                     int y) {
  std::array<float, 3> v{};
  for (int c = 0; c < 3; ++c)
    v[static_cast<std::size_t>(c)] = reference_pixel(image, part, w, h, {x, y, c});
  return 0.299f * v[0] + 0.587f * v[1] + 0.114f * v[2];
}

template <class T>
T reference_quantize(float real, float scale, std::int32_t zero_point) {
  const double rounded = std::round(real / scale);
  return static_cast<T>(std::clamp(rounded + zero_point,
                                   static_cast<double>(std::numeric_limits<T>::min()),
                                   static_cast<double>(std::numeric_limits<T>::max())));
}

template <class T>
std::vector<T> run(const PreprocessConfig& config, const Image& image, const TensorInfo& info) {
  auto preprocess = Preprocess::create(config, image.geometry, info);
  EXPECT_TRUE(preprocess) << preprocess.error().message;
  std::vector<T> out(static_cast<std::size_t>(elements(info.shape)));
  if (!preprocess) return out;
  EXPECT_EQ(preprocess->run(image.frame(), reinterpret_cast<std::byte*>(out.data())), Status::ok);
  return out;
}

const std::array<std::array<int, 4>, 7> kSizes = {{{1, 1, 3, 2},  // from w, h to w, h
                                                   {7, 5, 7, 5},
                                                   {4, 4, 9, 13},
                                                   {33, 17, 8, 8},
                                                   {320, 240, 28, 28},
                                                   {64, 48, 96, 96},
                                                   {101, 67, 32, 24}}};

TEST(Preprocess, ResizesFloatsExactlyAsTheReference) {
  for (const auto& [in_w, in_h, w, h] : kSizes) {
    for (const PixelFormat format : {PixelFormat::bgr8, PixelFormat::rgb8, PixelFormat::gray8}) {
      const Image image = random_image(in_w, in_h, format, 1);
      const auto out = run<float>({}, image, input_info(DType::f32, {1, h, w, 3}));
      std::size_t i = 0;
      for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x)
          for (int c = 0; c < 3; ++c)
            ASSERT_EQ(out[i++], reference_pixel(image, {0, 0, in_w, in_h}, w, h, {x, y, c}))
                << in_w << 'x' << in_h << " -> " << w << 'x' << h << " at " << x << ',' << y;
    }
  }
}

TEST(Preprocess, QuantizesExactlyAsTheReference) {
  const PreprocessConfig config{.mean = {127.5f}, .std = {127.5f}};
  const PreprocessConfig imagenet{.mean = {123.675f, 116.28f, 103.53f},
                                  .std = {58.395f, 57.12f, 57.375f}};
  for (const auto& [in_w, in_h, w, h] : kSizes) {
    const Image image = random_image(in_w, in_h, PixelFormat::bgr8, 2);
    const std::array<int, 4> all = {0, 0, in_w, in_h};
    const auto s8 =
        run<std::int8_t>(config, image, input_info(DType::i8, {1, h, w, 3}, 0.0078431f, -1));
    const auto u8 =
        run<std::uint8_t>(imagenet, image, input_info(DType::u8, {1, h, w, 3}, 0.018f, 114));
    const auto s16 =
        run<std::int16_t>(config, image, input_info(DType::i16, {1, h, w, 3}, 3.05e-5f, 0));
    std::size_t i = 0;
    for (int y = 0; y < h; ++y)
      for (int x = 0; x < w; ++x)
        for (std::size_t c = 0; c < 3; ++c, ++i) {
          const float v = reference_pixel(image, all, w, h, {x, y, static_cast<int>(c)});
          const float real = (v - 127.5f) / 127.5f;
          ASSERT_EQ(s8[i], reference_quantize<std::int8_t>(real, 0.0078431f, -1));
          ASSERT_EQ(s16[i], reference_quantize<std::int16_t>(real, 3.05e-5f, 0));
          ASSERT_EQ(u8[i], reference_quantize<std::uint8_t>(
                               (v - imagenet.mean[c]) / imagenet.std[c], 0.018f, 114));
        }
  }
}

TEST(Preprocess, TakesPixelsAsTheyAreWhereNobodyNormalises) {
  const Image image = random_image(6, 4, PixelFormat::rgb8, 3);
  const auto u8 =
      run<std::uint8_t>({}, image, input_info(DType::u8, {1, 4, 6, 3}, 0.0078125f, 128));
  const auto s8 = run<std::int8_t>({}, image, input_info(DType::i8, {1, 4, 6, 3}, 0.5f, 3));
  const auto raw = run<std::uint8_t>({}, image, input_info(DType::u8, {4, 6, 3}));
  std::size_t i = 0;
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 6; ++x)
      for (int c = 0; c < 3; ++c, ++i) {
        EXPECT_EQ(u8[i], image.rgb(x, y, c));
        EXPECT_EQ(s8[i], image.rgb(x, y, c) - 128);
        EXPECT_EQ(raw[i], image.rgb(x, y, c));
      }
}

TEST(Preprocess, RoundsHalvesAwayFromZero) {
  Image image{{2, 1, PixelFormat::gray8}, 2, {10, 11}};
  // The middle of three columns is 10.5.
  EXPECT_EQ(run<std::uint8_t>({}, image, input_info(DType::u8, {1, 1, 3, 1})),
            (std::vector<std::uint8_t>{10, 11, 11}));
  const PreprocessConfig config{.mean = {21.0f}, .std = {1.0f}};
  // -10.5 / 1 -> -11; -11 and -10 stay.
  EXPECT_EQ(run<std::int8_t>(config, image, input_info(DType::i8, {1, 1, 3, 1}, 1.0f, 0)),
            (std::vector<std::int8_t>{-11, -11, -10}));
}

TEST(Preprocess, MakesGrayOfColourAndColourOfGray) {
  const Image color = random_image(13, 9, PixelFormat::bgr8, 4);
  const auto gray = run<float>({}, color, input_info(DType::f32, {1, 7, 5, 1}));
  std::size_t i = 0;
  for (int y = 0; y < 7; ++y)
    for (int x = 0; x < 5; ++x)
      EXPECT_EQ(gray[i++], reference_gray(color, {0, 0, 13, 9}, 5, 7, x, y));
  // Gray shades survive the way through colour.
  Image shades{{1, 1, PixelFormat::bgr8}, 3, {0, 0, 0}};
  for (int v = 0; v < 256; ++v) {
    shades.bytes.assign(3, static_cast<std::uint8_t>(v));
    EXPECT_EQ(run<std::uint8_t>({}, shades, input_info(DType::u8, {1, 1, 1, 1}))[0], v);
  }
}

TEST(Preprocess, OrdersColoursAsTheConfigurationSays) {
  const Image image = random_image(3, 2, PixelFormat::bgr8, 5);
  const auto rgb =
      run<float>({.color = ColorOrder::rgb}, image, input_info(DType::f32, {1, 2, 3, 3}));
  const auto bgr =
      run<float>({.color = ColorOrder::bgr}, image, input_info(DType::f32, {1, 2, 3, 3}));
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    EXPECT_EQ(rgb[i], bgr[i + 2]);
    EXPECT_EQ(rgb[i + 1], bgr[i + 1]);
    EXPECT_EQ(bgr[i], image.bytes[i / 9 * image.stride + i % 9]);
  }
}

TEST(Preprocess, WritesPlanesWhereTheModelWantsThem) {
  const Image image = random_image(11, 8, PixelFormat::rgb8, 6);
  const auto nhwc = run<float>({}, image, input_info(DType::f32, {1, 5, 6, 3}));
  const auto nchw = run<float>({}, image, input_info(DType::f32, {1, 3, 5, 6}));
  for (std::size_t p = 0; p < 30; ++p)
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(nchw[c * 30 + p], nhwc[p * 3 + c]);
}

TEST(Preprocess, CropsTheMiddleInTheShapeOfTheInput) {
  const Image image = random_image(320, 240, PixelFormat::bgr8, 7);
  const auto out =
      run<float>({.resize = ResizeMode::crop}, image, input_info(DType::f32, {1, 16, 16, 3}));
  const auto fraction =
      run<float>({.crop_fraction = 0.875f}, image, input_info(DType::f32, {1, 16, 16, 3}));
  std::size_t i = 0;
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x)
      for (int c = 0; c < 3; ++c, ++i) {
        ASSERT_EQ(out[i], reference_pixel(image, {40, 0, 240, 240}, 16, 16, {x, y, c}));
        ASSERT_EQ(fraction[i], reference_pixel(image, {20, 15, 280, 210}, 16, 16, {x, y, c}));
      }
}

TEST(Preprocess, LetterboxesBetweenBarsOfBlack) {
  const Image image = random_image(32, 16, PixelFormat::bgr8, 8);
  const PreprocessConfig config{.resize = ResizeMode::letterbox, .mean = {1.0f}, .std = {2.0f}};
  const auto out = run<float>(config, image, input_info(DType::f32, {1, 8, 8, 3}));
  std::size_t i = 0;
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 8; ++x)
      for (int c = 0; c < 3; ++c, ++i) {
        const bool bar = y < 2 || y >= 6;
        const float v = bar ? 0.0f : reference_pixel(image, {0, 0, 32, 16}, 8, 4, {x, y - 2, c});
        ASSERT_EQ(out[i], (v - 1.0f) / 2.0f) << x << ',' << y;
      }
}

TEST(Preprocess, MapsBoxesBackToThePicture) {
  const auto geometry = [](const PreprocessConfig& config) {
    return Preprocess::create(config, {320, 240, PixelFormat::bgr8},
                              input_info(DType::f32, {1, 16, 16, 3}))
        ->geometry();
  };
  EXPECT_EQ(geometry({}), (InputGeometry{0, 0, 1, 1}));
  const Box middle{0.25f, 0.25f, 0.75f, 0.75f};
  EXPECT_EQ(geometry({}).to_picture(middle), middle);
  // 240 of 320 columns: a quarter of the input is 60 columns, after the first 40.
  const Box crop = geometry({.resize = ResizeMode::crop}).to_picture(middle);
  EXPECT_FLOAT_EQ(crop.left, 100.0f / 320.0f);
  EXPECT_FLOAT_EQ(crop.right, 220.0f / 320.0f);
  EXPECT_FLOAT_EQ(crop.top, 0.25f);
  // 16 columns, 12 rows of picture after two rows of bar.
  const Box letter = geometry({.resize = ResizeMode::letterbox}).to_picture(middle);
  EXPECT_FLOAT_EQ(letter.left, 0.25f);
  EXPECT_FLOAT_EQ(letter.top, 2.0f / 12.0f);
  EXPECT_FLOAT_EQ(letter.bottom, 10.0f / 12.0f);
  EXPECT_FLOAT_EQ(geometry({.crop_fraction = 0.5f}).to_picture({0, 0, 1, 1}).left, 0.25f);
}

TEST(Preprocess, RefusesAFrameOfAnotherGeometry) {
  const Image image = random_image(8, 8, PixelFormat::bgr8, 9);
  auto preprocess =
      Preprocess::create({}, {8, 9, PixelFormat::bgr8}, input_info(DType::f32, {1, 2, 2, 3}));
  std::array<float, 12> out{};
  EXPECT_EQ(preprocess->run(image.frame(), reinterpret_cast<std::byte*>(out.data())),
            Status::bad_value);
}

TEST(Preprocess, RefusesWhatIsNoPictureInput) {
  const auto message = [](const PreprocessConfig& config, const TensorInfo& info) {
    const auto made = Preprocess::create(config, {8, 8, PixelFormat::bgr8}, info);
    return made ? "accepted" : made.error().message;
  };
  using testing::HasSubstr;
  EXPECT_THAT(message({}, input_info(DType::f32, {1, 10})), HasSubstr("'image'"));
  EXPECT_THAT(message({}, input_info(DType::i32, {1, 4, 4, 3})), HasSubstr("'image'"));
  EXPECT_THAT(message({}, input_info(DType::f32, {2, 4, 4, 3})), HasSubstr("[2x4x4x3]"));
  EXPECT_THAT(message({}, input_info(DType::f32, {1, 4, 4, 5})), HasSubstr("5 channels"));
  EXPECT_THAT(message({.mean = {1, 2}}, input_info(DType::f32, {1, 4, 4, 3})),
              HasSubstr("3 channels"));
  EXPECT_THAT(message({.std = {0}}, input_info(DType::f32, {1, 4, 4, 3})), HasSubstr("above 0"));
  EXPECT_THAT(message({.mean = {1}}, input_info(DType::u8, {1, 4, 4, 3})),
              HasSubstr("without quantization"));
  EXPECT_THAT(message({.crop_fraction = 0}, input_info(DType::f32, {1, 4, 4, 3})),
              HasSubstr("crop"));
}

TEST(Preprocess, ConfigurationGoesBeforeMetadata) {
  const std::vector<float> mean = {127.5f}, std = {127.5f};
  EXPECT_EQ(preprocess_config({}, DType::i8, mean, std).mean, mean);
  EXPECT_TRUE(preprocess_config({}, DType::u8, mean, std).mean.empty());
  const ModelInputConfig own{ResizeMode::crop, ColorOrder::automatic, {1.0f}, {2.0f}};
  EXPECT_EQ(preprocess_config(own, DType::f32, mean, std).std, own.std);
  EXPECT_EQ(preprocess_config(own, DType::f32, mean, std).resize, ResizeMode::crop);
}

}  // namespace
}  // namespace pinfer
