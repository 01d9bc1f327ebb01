// SPDX-License-Identifier: Apache-2.0
// Chains of convolutions give the bytes of the steps one by one, which observers see.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "runtime/session/session.h"
#include "tests/support/model_builder.h"

namespace pinfer::test {
namespace {

using Bytes = std::vector<std::byte>;

struct Block {
  std::int32_t height = 14, width = 14, in = 16, wide = 96, out = 16;
  std::int32_t side = 3, stride = 1, dilation = 1, first_side = 1;
  bool project = true, add = true, wide_is_output = false, read_twice = false;
};

// conv -> depthwise [-> 1x1 conv [-> ADD]], all int8.
class Net final {
 public:
  explicit Net(const Block& block, unsigned seed) : block_(block), random_(seed) {
    const TensorId in = activation(block.height, block.width, block.in);
    const TensorId wide = convolution(in, block.height, block.width, block.wide, block.first_side);
    const std::int32_t height = (block.height + block.stride - 1) / block.stride;
    const std::int32_t width = (block.width + block.stride - 1) / block.stride;
    TensorId last = depthwise(wide, height, width);
    if (block.project) last = convolution(last, height, width, block.out, 1);
    if (block.project && block.add) last = addition(last, in, height, width);
    std::vector<TensorId> outputs = {last};
    if (block.wide_is_output) outputs.push_back(wide);
    if (block.read_twice) outputs.push_back(depthwise(wide, height, width));
    b_.set_io({in}, outputs);
  }
  [[nodiscard]] std::vector<std::byte> file() const { return b_.finish(); }

 private:
  std::int32_t pick(std::int32_t low, std::int32_t high) {
    return std::uniform_int_distribution<std::int32_t>(low, high)(random_);
  }
  TensorId activation(std::int32_t height, std::int32_t width, std::int32_t channels) {
    return b_.add_tensor({.dtype = DType::i8,
                          .shape = {1, height, width, channels},
                          .scale = {0.05f},
                          .zero_point = {pick(-128, 127)}});
  }
  std::vector<std::int8_t> bytes(std::int64_t count) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(count));
    for (auto& value : values) value = static_cast<std::int8_t>(pick(-128, 127));
    return values;
  }
  TensorId filter(const std::vector<std::int32_t>& shape, float scale) {
    std::int64_t count = 1;
    for (const std::int32_t dim : shape) count *= dim;
    return b_.add_constant(
        {.dtype = DType::i8, .shape = shape, .scale = {scale}, .zero_point = {0}}, bytes(count));
  }
  TensorId bias(std::int32_t channels, float scale) {
    std::vector<std::int32_t> values;
    for (std::int32_t i = 0; i < channels; ++i) values.push_back(pick(-3000, 3000));
    return b_.add_constant(
        {.dtype = DType::i32, .shape = {channels}, .scale = {0.05f * scale}, .zero_point = {0}},
        values);
  }
  TensorId convolution(TensorId from, std::int32_t height, std::int32_t width,
                       std::int32_t channels, std::int32_t side) {
    const std::int32_t depth = b_.graphs[0].tensors[static_cast<std::size_t>(from)].shape[3];
    const float scale = 0.02f / static_cast<float>(side * side * depth);
    const TensorId w = filter({channels, side, side, depth}, scale), z = bias(channels, scale);
    const TensorId to = activation(height, width, channels);
    b_.add_op("CONV_2D", ConvParams{.activation = relu()}, {from, w, z}, {to});
    return to;
  }
  TensorId depthwise(TensorId from, std::int32_t height, std::int32_t width) {
    const float scale = 0.003f;
    const TensorId w = filter({1, block_.side, block_.side, block_.wide}, scale);
    const TensorId z = bias(block_.wide, scale), to = activation(height, width, block_.wide);
    ConvParams params{.activation = relu()};
    params.stride_h = params.stride_w = block_.stride;
    params.dilation_h = params.dilation_w = block_.dilation;
    b_.add_op("DEPTHWISE_CONV_2D", params, {from, w, z}, {to});
    return to;
  }
  // In either order; with another tensor where the net's input has another shape.
  TensorId addition(TensorId a, TensorId in, std::int32_t height, std::int32_t width) {
    if (block_.stride != 1 || block_.in != block_.out)
      in = b_.add_constant({.dtype = DType::i8,
                            .shape = {1, height, width, block_.out},
                            .scale = {0.03f},
                            .zero_point = {pick(-128, 127)}},
                           bytes(std::int64_t{height} * width * block_.out));
    const TensorId to = activation(height, width, block_.out);
    if (pick(0, 1) == 0) std::swap(a, in);
    b_.add_op("ADD", ElementwiseParams{}, {a, in}, {to});
    return to;
  }
  Activation relu() { return pick(0, 1) == 0 ? Activation::relu6 : Activation::none; }

  Block block_;
  ModelBuilder b_;
  std::mt19937 random_;
};

void fill(Session& session, unsigned seed) {
  std::mt19937 random(seed);
  for (auto& value : session.input(0).as<std::byte>()) value = static_cast<std::byte>(random());
}

std::vector<Bytes> outputs_of(Session& session) {
  std::vector<Bytes> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i)
    outputs.emplace_back(session.output(i).data,
                         session.output(i).data + session.output(i).bytes());
  return outputs;
}

// Steps that run with the one before them; all ways to run the net give the same bytes.
std::ptrdiff_t check(const Block& block, unsigned seed) {
  const std::vector<std::byte> file = Net(block, seed).file();
  const auto model = load_model(file, "net", {});
  if (!model) {
    ADD_FAILURE() << model.error().message;
    return -1;
  }
  auto judge = Session::create(*model, {.isa = isa::scalar});
  fill(*judge, seed);
  EXPECT_EQ(judge->run(), Status::ok);
  std::ptrdiff_t chained = 0;
  for (const int threads : {1, 2, 4}) {
    auto session = Session::create(*model, {.threads = threads});
    fill(*session, seed);
    EXPECT_EQ(session->run(), Status::ok);
    EXPECT_EQ(outputs_of(*session), outputs_of(*judge)) << threads << " threads";
    std::size_t seen = 0;
    const auto observer = [&](std::size_t, std::span<const Tensor>) { ++seen; };
    EXPECT_EQ(session->run_observed(observer), Status::ok);
    EXPECT_EQ(seen, session->steps().size());
    EXPECT_EQ(outputs_of(*session), outputs_of(*judge)) << threads << " threads, observed";
    EXPECT_EQ(session->run(), Status::ok);
    EXPECT_EQ(outputs_of(*session), outputs_of(*judge)) << threads << " threads, again";
    chained = std::count_if(session->steps().begin(), session->steps().end(),
                            [](const StepReport& step) { return step.chained; });
  }
  return chained;
}

// Kernels of this machine that take rings; scalar ones do not.
bool has_rings() { return detect_isa() != isa::scalar; }

TEST(Chains, RunTheBlocksOfMobileNets) {
  const std::ptrdiff_t all = has_rings() ? 3 : 0;
  EXPECT_EQ(check({.height = 28, .width = 28, .in = 32, .wide = 192, .out = 32}, 1), all);
  EXPECT_EQ(check({.height = 14, .width = 14, .in = 64, .wide = 384, .out = 64}, 2), all);
  EXPECT_EQ(check({.height = 7, .width = 7, .in = 80, .wide = 480, .out = 80}, 3), all);
  EXPECT_EQ(check({.height = 112, .width = 112, .wide = 96, .out = 24, .stride = 2}, 4), all);
  EXPECT_EQ(check({.height = 57, .width = 31, .in = 24, .wide = 144, .out = 24}, 5), all);
}

TEST(Chains, EndWhereTheNextStepDoesNotSuit) {
  const std::ptrdiff_t two = has_rings() ? 2 : 0, one = has_rings() ? 1 : 0;
  EXPECT_EQ(check({.add = false}, 1), two);
  EXPECT_EQ(check({.project = false}, 2), one);
  // A tensor that somebody else reads must be whole.
  EXPECT_EQ(check({.wide_is_output = true}, 3), 0);
  EXPECT_EQ(check({.read_twice = true}, 4), 0);
  // Groups of channels that are not whole reach into the block before.
  EXPECT_EQ(check({.wide = 100}, 5), 0);
}

TEST(Chains, GiveTheBytesOfTheStepsForAnySize) {
  std::mt19937 random(7);
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  std::ptrdiff_t chained = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    Block block;
    block.height = pick(1, 40);
    block.width = pick(0, 9) == 0 ? pick(100, 260) : pick(1, 40);
    block.in = pick(1, 48);
    block.wide = pick(0, 9) == 0 ? pick(1, 90) : 16 * pick(1, 14);
    block.out = pick(1, 40);
    block.side = pick(0, 3) == 0 ? 5 : 3;
    block.stride = pick(1, 3);
    block.dilation = block.stride == 1 && pick(0, 4) == 0 ? 2 : 1;
    block.first_side = pick(0, 3) == 0 ? 3 : 1;
    block.project = pick(0, 4) != 0;
    block.add = pick(0, 2) != 0;
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    chained += check(block, seed);
  }
  EXPECT_GT(chained, has_rings() ? 150 : -1);
}

}  // namespace
}  // namespace pinfer::test
