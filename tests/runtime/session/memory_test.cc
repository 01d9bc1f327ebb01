// SPDX-License-Identifier: Apache-2.0
// What a session keeps in memory: weights once, as kernels want them, and the arena.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "runtime/core/temporary_folder.h"
#include "runtime/session/session.h"
#include "tests/support/model_builder.h"
#include "tests/support/page_presence.h"

#if defined(PINFER_SANITIZER_ADDRESS) || defined(PINFER_SANITIZER_THREAD)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#elif defined(__GLIBC__)
#include <malloc.h>
#endif

namespace pinfer::test {
namespace {

constexpr std::int32_t kChannels = 8192;
constexpr std::size_t kSmallThings = 24 << 10;  // of a plan of one step and its thread pool

// Bytes of the heap in use; 0 where nobody counts them.
std::size_t heap_bytes() {
#if defined(PINFER_SANITIZER_ADDRESS) || defined(PINFER_SANITIZER_THREAD)
  return __sanitizer_get_current_allocated_bytes();
#elif defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

// One scale for all, or one for each channel along `axis`.
TensorSpec tensor(std::vector<std::int32_t> shape, std::int32_t axis = -1) {
  const std::size_t scales = axis < 0 ? 1 : static_cast<std::size_t>(kChannels);
  return {.name = "a name that is no short one",
          .dtype = DType::i8,
          .shape = std::move(shape),
          .scale = std::vector<float>(scales, 0.01f),
          .zero_point = std::vector<std::int64_t>(scales, 0),
          .axis = std::max(axis, 0)};
}

TensorSpec bias() {
  TensorSpec spec = tensor({kChannels}, 0);
  spec.dtype = DType::i32;
  return spec;
}

// One convolution of many channels, each with a scale of its own.
std::vector<std::byte> depthwise_net() {
  ModelBuilder b;
  const TensorId in = b.add_tensor(tensor({1, 4, 4, kChannels}));
  const TensorId out = b.add_tensor(tensor({1, 4, 4, kChannels}));
  const TensorId w = b.add_constant(tensor({1, 3, 3, kChannels}, 3),
                                    std::vector<std::int8_t>(9 * std::size_t{kChannels}, 3));
  const TensorId z = b.add_constant(bias(), std::vector<std::int32_t>(kChannels, 5));
  b.add_op("DEPTHWISE_CONV_2D", ConvParams{}, {in, w, z}, {out});
  b.set_io({in}, {out});
  return b.finish();
}

std::vector<std::byte> conv_net(std::int32_t depth) {
  ModelBuilder b;
  const TensorId in = b.add_tensor(tensor({1, 1, 1, depth}));
  const TensorId out = b.add_tensor(tensor({1, 1, 1, kChannels}));
  const std::size_t count = static_cast<std::size_t>(kChannels) * static_cast<std::size_t>(depth);
  const TensorId w =
      b.add_constant(tensor({kChannels, 1, 1, depth}, 0), std::vector<std::int8_t>(count, 3));
  const TensorId z = b.add_constant(bias(), std::vector<std::int32_t>(kChannels, 5));
  b.add_op("CONV_2D", ConvParams{}, {in, w, z}, {out});
  b.set_io({in}, {out});
  return b.finish();
}

// Heap that a session has, beyond arena and scratch.
std::size_t kept_by_session(std::span<const std::byte> file) {
  const auto model = load_model(file, "net", {});
  EXPECT_TRUE(model) << model.error().message;
  if (!model) return 0;
  const std::size_t before = heap_bytes();
  const auto session = Session::create(*model, {});
  EXPECT_TRUE(session) << session.error().message;
  const std::size_t all = heap_bytes() - before;
  return session && all > session->arena_bytes() ? all - session->arena_bytes() : 0;
}

// Per channel: its weights, three numbers of 32 bits (bias, multiplier), its part of the head of a
// tile of at least eight. No second copy of its scales and zero points, which are 32 bytes with
// those of the bias.
TEST(Memory, ASessionKeepsTheWeightsOfAConvolutionOnce) {
  constexpr std::int32_t kDepth = 64;
  EXPECT_LT(kept_by_session(conv_net(kDepth)), kChannels * (kDepth + 32) + kSmallThings);
}

// The largest groups, those of AVX, are 1280 bytes for 16 channels.
TEST(Memory, ASessionKeepsTheWeightsOfADepthwiseConvolutionOnce) {
  EXPECT_LT(kept_by_session(depthwise_net()), kChannels / 16 * 1280 + kSmallThings);
}

TEST(Memory, ASessionThatIsReadyHasNoPagesOfTheModelsFile) {
  const auto folder = TemporaryFolder::create("a net");
  ASSERT_TRUE(folder) << folder.error().message;
  const std::string path = folder->path() + "/net.tflite";
  const std::vector<std::byte> bytes = conv_net(64);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  const auto model = load_model(path, {});
  ASSERT_TRUE(model) << model.error().message;
  const std::span<const std::byte> file = (*model)->file.span();
  if (!is_present(file.data())) GTEST_SKIP() << "no /proc/self/pagemap here";
  auto session = Session::create(*model, {});
  ASSERT_TRUE(session) << session.error().message;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t present = 0;
  for (std::size_t at = 0; at + page <= file.size(); at += page)
    present += is_present(file.data() + at) ? 1 : 0;
  EXPECT_EQ(present, 0u);
  EXPECT_EQ(session->run(), Status::ok);
}

}  // namespace
}  // namespace pinfer::test
