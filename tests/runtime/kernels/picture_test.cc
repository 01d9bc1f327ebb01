// SPDX-License-Identifier: Apache-2.0
// Every variant of the picture family gives the bytes of the scalar one, reads nothing outside the
// rows and writes nothing outside its pixels.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "runtime/kernels/picture/picture_columns.h"
#include "tests/runtime/kernels/variants.h"

namespace pinfer::test {
namespace {

int pick32(Random& random, int low, int high) { return static_cast<int>(pick(random, low, high)); }

std::vector<PictureTap> random_taps(Random& random, int in, int out) {
  // Part of the picture, as a crop has it; the formula of the callers.
  const int size = pick32(random, std::max(1, in / 2), in), start = pick32(random, 0, in - size);
  std::vector<PictureTap> taps;
  const float scale = static_cast<float>(size) / static_cast<float>(out);
  for (int i = 0; i < out; ++i) {
    const float at = (static_cast<float>(i) + 0.5f) * scale - 0.5f;
    const int lower = std::max(static_cast<int>(std::floor(at)), 0);
    const int upper = std::min(static_cast<int>(std::ceil(at)), size - 1);
    taps.push_back({(start + lower) * 3, (start + upper) * 3, at - std::floor(at)});
  }
  return taps;
}

// Heap blocks of exactly the size, so that a sanitizer sees one byte too far.
struct Row {
  std::unique_ptr<std::uint8_t[]> bytes;
  Row(Random& random, int count) : bytes(new std::uint8_t[static_cast<std::size_t>(count)]) {
    const int kind = pick32(random, 0, 9);
    for (int i = 0; i < count; ++i)
      bytes[static_cast<std::size_t>(i)] = kind == 0   ? 255
                                           : kind == 1 ? 0
                                                       : static_cast<std::uint8_t>(random());
  }
};

struct Case {
  PictureArgs args;
  std::vector<PictureTap> taps;
  PictureColumns columns;
  std::vector<float> mean, std;
  std::size_t bytes = 0;

  explicit Case(Random& random) : mean(kPictureStep), std(kPictureStep) {
    constexpr DType kTypes[] = {DType::i8, DType::u8, DType::f32};
    const int in = pick32(random, 0, 3) == 0 ? pick32(random, 6, 12) : pick32(random, 6, 1500);
    args.width = pick32(random, 1, 130);
    taps = random_taps(random, in, args.width);
    args.shape.row_bytes = in * 3;
    args.shape.dtype = kTypes[pick32(random, 0, 2)];
    args.shape.plain = args.shape.dtype != DType::f32 && pick32(random, 0, 1) == 0;
    if (pick32(random, 0, 1) == 0) std::swap(args.order[0], args.order[2]);
    args.fraction = pick32(random, 0, 3) == 0 ? 0.0f : static_cast<float>(random() % 1000) / 1000;
    float means[3], stds[3];
    for (int c = 0; c < 3; ++c) {
      means[c] = pick32(random, 0, 1) == 0 ? 127.5f : static_cast<float>(random() % 2000) / 10;
      stds[c] =
          pick32(random, 0, 1) == 0 ? 127.5f : 0.01f + static_cast<float>(random() % 1000) / 9;
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] = means[i % 3];
      std[i] = stds[i % 3];
    }
    args.scale =
        pick32(random, 0, 20) == 0 ? 1e-38f : 0.001f + static_cast<float>(random() % 900) * 1e-4f;
    args.zero = pick32(random, 0, 30) == 0 ? 60000 : pick32(random, -128, 255);
    if (args.shape.plain) args.zero = args.shape.dtype == DType::i8 ? -128 : 0;
    args.taps = taps.data();
    args.mean = mean.data();
    args.std = std.data();
    bytes = static_cast<std::size_t>(args.width) * 3 * size_of(args.shape.dtype);
  }
};

void check(const PictureKernel& kernel, unsigned seed) {
  SCOPED_TRACE(testing::Message() << kernel.name << " seed " << seed);
  Random random(seed);
  Case c(random);
  if (kernel.suits != nullptr && !kernel.suits(c.args.shape)) return;
  if (kernel.uses_table) c.columns = PictureColumns(c.taps, c.args.order, c.args.shape.row_bytes);
  c.args.table = c.columns.table();
  const Row top(random, c.args.shape.row_bytes), bottom(random, c.args.shape.row_bytes);
  c.args.top = top.bytes.get();
  c.args.bottom = pick32(random, 0, 5) == 0 ? top.bytes.get() : bottom.bytes.get();
  const std::unique_ptr<std::uint8_t[]> want(new std::uint8_t[c.bytes]),
      got(new std::uint8_t[c.bytes]);
  c.args.out = want.get();
  select_picture(isa::scalar, c.args.shape).run(c.args);
  c.args.out = got.get();
  kernel.run(c.args);
  ASSERT_EQ(std::memcmp(want.get(), got.get(), c.bytes), 0);
}

TEST(Picture, EveryVariantGivesTheBytesOfTheScalarOne) {
  for (const PictureKernel* kernel : picture_kernels()) {
    if (!covers(detect_isa(), kernel->isa) || kernel->isa == isa::scalar) continue;
    const auto count = static_cast<unsigned>(cases(20'000));
    for (unsigned seed = 0; seed < count && !testing::Test::HasFatalFailure(); ++seed)
      check(*kernel, seed);
  }
}

// All pairs of neighbours at every 1/64: with halves and values just beside them.
TEST(Picture, RoundsLikeTheScalarOne) {
  constexpr int kPixels = 256;
  std::vector<std::uint8_t> row;
  for (int i = 0; i < kPixels; ++i)
    for (int channel = 0; channel < 3; ++channel)
      row.push_back(static_cast<std::uint8_t>(i % 2 == 0 ? i : 255 - i));
  std::vector<PictureTap> taps;
  for (int i = 0; i + 1 < kPixels; ++i)
    for (int k = 0; k < 64; ++k)
      taps.push_back({i * 3, i * 3 + 3,
                      std::nextafter(static_cast<float>(k) / 64, static_cast<float>(k % 3))});
  PictureArgs args;
  args.shape = {.dtype = DType::u8, .plain = true, .row_bytes = kPixels * 3};
  args.width = static_cast<std::int32_t>(taps.size());
  args.taps = taps.data();
  const PictureColumns columns(taps, args.order, args.shape.row_bytes);
  args.table = columns.table();
  args.top = args.bottom = row.data();
  std::vector<std::uint8_t> want(taps.size() * 3), got(want.size());
  args.out = want.data();
  select_picture(isa::scalar, args.shape).run(args);
  for (const PictureKernel* kernel : picture_kernels()) {
    if (!covers(detect_isa(), kernel->isa)) continue;
    if (kernel->suits != nullptr && !kernel->suits(args.shape)) continue;
    args.out = got.data();
    kernel->run(args);
    EXPECT_EQ(want, got) << kernel->name;
  }
}

TEST(Picture, SelectionTakesVectorsForColourOnly) {
  const PictureShape colour{.dtype = DType::i8, .plain = true, .row_bytes = 1920};
  PictureShape gray = colour, planes = colour, tiny = colour;
  gray.channels = 1;
  planes.interleaved = false;
  tiny.row_bytes = 15;
  EXPECT_EQ(select_picture(isa::avx2, gray).isa, isa::scalar);
  EXPECT_EQ(select_picture(isa::neon, planes).isa, isa::scalar);
  EXPECT_EQ(select_picture(isa::avx2 | isa::neon, tiny).isa, isa::scalar);
  for (const IsaBits have : {isa::scalar, isa::neon, isa::avx2})
    EXPECT_TRUE(covers(have, select_picture(have, colour).isa));
}

}  // namespace
}  // namespace pinfer::test
