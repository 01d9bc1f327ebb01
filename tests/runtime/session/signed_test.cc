// SPDX-License-Identifier: Apache-2.0
// uint8 nets as int8: the same bytes as plain ones, and as few flips as possible.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "runtime/session/session.h"
#include "tests/support/model_builder.h"

namespace pinfer::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

TensorSpec activation(std::vector<std::int32_t> shape, float scale = 0.05f, int zero = 120) {
  return {.dtype = DType::u8, .shape = std::move(shape), .scale = {scale}, .zero_point = {zero}};
}

// A net that begins with a 1x1 convolution from `in` to `mid`, both u8[1x6x6x4].
struct Net {
  ModelBuilder b;
  std::mt19937 random;
  TensorId in = kNoTensor, mid = kNoTensor;

  explicit Net(unsigned seed) : random(seed) {
    in = b.add_tensor(activation({1, 6, 6, 4}, scale(), zero()));
    mid = convolution(in, 4, 1);
  }
  int zero() { return static_cast<int>(random() % 256); }
  float scale() { return 0.004f + static_cast<float>(random() % 10000) * 3.1e-6f; }
  Bytes bytes(std::size_t count) {
    Bytes values(count);
    for (auto& value : values) value = static_cast<std::uint8_t>(random());
    return values;
  }
  // The output is scaled so that results fill the range.
  TensorId convolution(TensorId from, std::int32_t channels, std::int32_t side,
                       const char* op = "CONV_2D") {
    const bool depthwise = std::string(op) == "DEPTHWISE_CONV_2D";
    const float in_scale = spec(from).scale[0], filter_scale = scale();
    const auto depth = static_cast<std::size_t>(channels);
    const std::vector<std::int32_t> shape =
        depthwise ? std::vector<std::int32_t>{1, side, side, channels}
                  : std::vector<std::int32_t>{channels, side, side, 4};
    std::size_t count = 1;
    for (const std::int32_t dim : shape) count *= static_cast<std::size_t>(dim);
    const TensorId filter = b.add_constant(
        {.dtype = DType::u8, .shape = shape, .scale = {filter_scale}, .zero_point = {zero()}},
        bytes(count));
    const TensorId bias = b.add_constant(
        {.dtype = DType::i32,
         .shape = {channels},
         .scale = {in_scale * filter_scale},
         .zero_point = {0}},
        std::vector<std::int32_t>(depth, static_cast<std::int32_t>(random() % 2000) - 1000));
    const TensorId out =
        b.add_tensor(activation({1, 6, 6, channels}, in_scale * filter_scale * 300, zero()));
    b.add_op(op, ConvParams{}, {from, filter, bias}, {out});
    return out;
  }
  const TensorSpec& spec(TensorId id) { return b.graphs[0].tensors[static_cast<std::size_t>(id)]; }
  TensorId like(TensorId id, std::vector<std::int32_t> shape) {
    return b.add_tensor(
        activation(std::move(shape), spec(id).scale[0], static_cast<int>(spec(id).zero_point[0])));
  }
  TensorId integers(std::vector<std::int32_t> values) {
    const auto count = static_cast<std::int32_t>(values.size());
    return b.add_constant({.dtype = DType::i32, .shape = {count}}, values);
  }
};

std::vector<Bytes> run(Session& session, unsigned seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < session.input_count(); ++i)
    for (auto& value : session.input(i).as<std::byte>()) value = static_cast<std::byte>(random());
  EXPECT_EQ(session.run(), Status::ok);
  std::vector<Bytes> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(session.output(i).data);
    outputs.emplace_back(data, data + session.output(i).bytes());
  }
  return outputs;
}

// Runs the net both ways; returns the steps of the int8 form.
std::vector<std::string> both_ways(const ModelBuilder& b, bool passes = true) {
  const std::vector<std::byte> file = b.finish();
  const auto model = load_model(file, "net", {.passes = passes});
  if (!model) {
    ADD_FAILURE() << model.error().message;
    return {};
  }
  auto plain = Session::create(*model, {.uint8 = Uint8::plain});
  std::vector<std::string> steps;
  for (const int threads : {1, 2}) {
    auto as_int8 = Session::create(*model, {.threads = threads, .uint8 = Uint8::as_int8});
    EXPECT_TRUE(plain && as_int8) << (as_int8 ? "" : as_int8.error().message);
    if (!plain || !as_int8) return {};
    for (unsigned seed = 0; seed < 8; ++seed)
      EXPECT_EQ(run(*plain, seed), run(*as_int8, seed)) << "seed " << seed;
    for (std::size_t i = 0; i < plain->output_count(); ++i)
      EXPECT_EQ(plain->output(i).info->dtype, as_int8->output(i).info->dtype);
    steps.clear();
    for (const StepReport& step : as_int8->steps()) {
      steps.emplace_back(step.op);
      EXPECT_LT(static_cast<std::size_t>(step.output), (*model)->graph.tensors.size());
    }
    for (const Placement& place : as_int8->placements())
      EXPECT_LT(static_cast<std::size_t>(place.tensor), (*model)->graph.tensors.size());
  }
  return steps;
}

std::ptrdiff_t flips(const std::vector<std::string>& steps) {
  return std::count(steps.begin(), steps.end(), "flip");
}

using Add = TensorId (*)(Net& net);
struct Case {
  const char* name;
  Add add;         // appends an operator that reads net.mid; returns its output
  bool rewritten;  // else there is a flip in front of it instead of one behind it
};

TensorId pool(Net& net, const char* op, std::int32_t side, Padding padding) {
  const std::int32_t out = padding == Padding::valid ? 7 - side : 6;
  const TensorId to = net.like(net.mid, {1, out, out, 4});
  net.b.add_op(op, PoolParams{.padding = padding, .filter_h = side, .filter_w = side}, {net.mid},
               {to});
  return to;
}

template <class Params>
TensorId same(Net& net, const char* op, Params params, TensorSpec out) {
  const TensorId to = net.b.add_tensor(std::move(out));
  net.b.add_op(op, params, {net.mid}, {to});
  return to;
}

TensorId arithmetic(Net& net, const char* op) {
  const TensorId constant =
      net.b.add_constant(activation({4}, net.scale(), net.zero()), net.bytes(4));
  const TensorId sum = net.b.add_tensor(activation({1, 6, 6, 4}, 0.02f, net.zero()));
  net.b.add_op(op, ElementwiseParams{Activation::relu6}, {net.mid, constant}, {sum});
  const TensorId to = net.b.add_tensor(activation({1, 6, 6, 4}, 0.03f, net.zero()));
  net.b.add_op(op, ElementwiseParams{}, {sum, net.mid}, {to});
  return to;
}

const Case kCases[] = {
    {"depthwise", [](Net& n) { return n.convolution(n.mid, 4, 3, "DEPTHWISE_CONV_2D"); }, true},
    {"conv 3x3", [](Net& n) { return n.convolution(n.mid, 7, 3); }, true},
    {"fully connected",
     [](Net& n) {
       const TensorId w = n.b.add_constant(
           {.dtype = DType::u8, .shape = {5, 144}, .scale = {0.01f}, .zero_point = {n.zero()}},
           n.bytes(720));
       const TensorId to = n.b.add_tensor(activation({1, 5}, n.spec(n.mid).scale[0] * 9, n.zero()));
       n.b.add_op("FULLY_CONNECTED", FullyConnectedParams{}, {n.mid, w, kNoTensor}, {to});
       return to;
     },
     true},
    {"add", [](Net& n) { return arithmetic(n, "ADD"); }, true},
    {"sub", [](Net& n) { return arithmetic(n, "SUB"); }, true},
    {"mul", [](Net& n) { return arithmetic(n, "MUL"); }, true},
    {"max pool", [](Net& n) { return pool(n, "MAX_POOL_2D", 2, Padding::same); }, true},
    {"odd average", [](Net& n) { return pool(n, "AVERAGE_POOL_2D", 3, Padding::valid); }, true},
    {"even average", [](Net& n) { return pool(n, "AVERAGE_POOL_2D", 2, Padding::valid); }, false},
    {"ragged average", [](Net& n) { return pool(n, "AVERAGE_POOL_2D", 3, Padding::same); }, false},
    {"mean",
     [](Net& n) {
       const TensorId axes = n.integers({1, 2});
       const TensorId to = n.b.add_tensor(activation({1, 4}, n.spec(n.mid).scale[0] * 0.3f, 90));
       n.b.add_op("MEAN", ReduceParams{}, {n.mid, axes}, {to});
       return to;
     },
     true},
    {"softmax",
     [](Net& n) {
       return same(n, "SOFTMAX", SoftmaxParams{}, activation({1, 6, 6, 4}, 1.0f / 256, 0));
     },
     true},
    {"logistic",
     [](Net& n) {
       return same(n, "LOGISTIC", std::monostate{}, activation({1, 6, 6, 4}, 1.0f / 256, 0));
     },
     true},
    {"tanh",
     [](Net& n) {
       return same(n, "TANH", std::monostate{}, activation({1, 6, 6, 4}, 1.0f / 128, 128));
     },
     true},
    {"quantize",
     [](Net& n) {
       return same(n, "QUANTIZE", std::monostate{}, activation({1, 6, 6, 4}, 0.06f, 77));
     },
     true},
    {"leaky relu",
     [](Net& n) {
       return same(n, "LEAKY_RELU", LeakyReluParams{0.25f}, activation({1, 6, 6, 4}, 0.3f, 99));
     },
     false},
    {"concatenation",
     [](Net& n) {
       const TensorId to = n.like(n.mid, {1, 6, 12, 4});
       n.b.add_op("CONCATENATION", ConcatenationParams{.axis = 2}, {n.mid, n.mid}, {to});
       return to;
     },
     true},
    {"concatenation that requantizes",
     [](Net& n) {
       const TensorId to = n.b.add_tensor(activation({1, 6, 12, 4}, 0.3f, 3));
       n.b.add_op("CONCATENATION", ConcatenationParams{.axis = 2}, {n.mid, n.mid}, {to});
       return to;
     },
     false},
    {"pad",
     [](Net& n) {
       const TensorId amounts = n.b.add_constant<std::int32_t>(
           {.dtype = DType::i32, .shape = {4, 2}}, {0, 0, 1, 2, 0, 1, 0, 0});
       const TensorId to = n.like(n.mid, {1, 9, 7, 4});
       n.b.add_op("PAD", std::monostate{}, {n.mid, amounts}, {to});
       return to;
     },
     true},
    {"pad with a value",
     [](Net& n) {
       const TensorId amounts = n.b.add_constant<std::int32_t>(
           {.dtype = DType::i32, .shape = {4, 2}}, {0, 0, 1, 2, 0, 1, 0, 0});
       const TensorId value = n.b.add_constant<std::uint8_t>(n.spec(n.mid), {200});
       n.b.graphs[0].tensors.back().shape = {1};
       const TensorId to = n.like(n.mid, {1, 9, 7, 4});
       n.b.add_op("PADV2", std::monostate{}, {n.mid, amounts, value}, {to});
       return to;
     },
     true},
    {"transpose",
     [](Net& n) {
       const TensorId order = n.integers({0, 3, 1, 2});
       const TensorId to = n.like(n.mid, {1, 4, 6, 6});
       n.b.add_op("TRANSPOSE", std::monostate{}, {n.mid, order}, {to});
       return to;
     },
     true},
    {"slice",
     [](Net& n) {
       const TensorId begin = n.integers({0, 1, 2, 0}), size = n.integers({1, 3, 4, 2});
       const TensorId to = n.like(n.mid, {1, 3, 4, 2});
       n.b.add_op("SLICE", std::monostate{}, {n.mid, begin, size}, {to});
       return to;
     },
     true},
    {"split",
     [](Net& n) {
       const TensorId axis = n.b.add_constant<std::int32_t>({.dtype = DType::i32}, {3});
       const TensorId a = n.like(n.mid, {1, 6, 6, 2}), to = n.like(n.mid, {1, 6, 6, 2});
       n.b.add_op("SPLIT", SplitParams{2}, {axis, n.mid}, {a, to});
       return to;
     },
     true},
    {"resize nearest",
     [](Net& n) {
       const TensorId size = n.integers({9, 4});
       const TensorId to = n.like(n.mid, {1, 9, 4, 4});
       n.b.add_op("RESIZE_NEAREST_NEIGHBOR", ResizeParams{}, {n.mid, size}, {to});
       return to;
     },
     true},
};

TEST(Signed, EveryOperatorOfTheListGivesTheSameBytes) {
  for (const Case& c : kCases)
    for (unsigned seed = 0; seed < 12; ++seed) {
      SCOPED_TRACE(testing::Message() << c.name << " seed " << seed);
      Net net(seed);
      const TensorId out = c.add(net);
      net.b.set_io({net.in}, {out});
      for (const bool passes : {true, false}) {
        const auto steps = both_ways(net.b, passes);
        ASSERT_GE(steps.size(), 4u);
        EXPECT_EQ(steps.front(), "flip");
        EXPECT_EQ(steps.back() == "flip", c.rewritten);
        EXPECT_EQ(flips(steps), 2);
      }
    }
}

TEST(Signed, NumbersLeaveWithoutAFlip) {
  Net net(1);
  const TensorId out = net.b.add_tensor({.dtype = DType::f32, .shape = {1, 6, 6, 4}});
  net.b.add_op("DEQUANTIZE", std::monostate{}, {net.mid}, {out});
  net.b.set_io({net.in}, {out});
  EXPECT_EQ(flips(both_ways(net.b)), 1);
}

TEST(Signed, OneFlipATensorAndDirection) {
  Net net(2);
  // `in` is read by two convolutions, `mid` by two operators that stay uint8, and both go out.
  const TensorId other = net.convolution(net.in, 4, 3);
  const TensorId a = net.b.add_tensor(net.spec(net.mid)), c = net.b.add_tensor(net.spec(net.mid));
  net.b.add_op("RELU", std::monostate{}, {net.mid}, {a});
  net.b.add_op("RELU6", std::monostate{}, {net.mid}, {c});
  net.b.set_io({net.in}, {a, c, net.mid, other, net.in});
  EXPECT_EQ(flips(both_ways(net.b, false)), 3);
}

TEST(Signed, ReshapesThatShareBytesShareTheirForm) {
  Net net(3);
  const TensorId shape = net.integers({1, 36, 4});
  const TensorId flat = net.like(net.mid, {1, 36, 4}), other = net.like(net.in, {1, 36, 4});
  net.b.add_op("RESHAPE", ReshapeParams{}, {net.mid, shape}, {flat});
  net.b.add_op("RESHAPE", ReshapeParams{}, {net.in, shape}, {other});
  const TensorId sum = net.b.add_tensor(activation({1, 36, 4}, 0.1f, 100));
  net.b.add_op("ADD", ElementwiseParams{}, {flat, other}, {sum});
  net.b.set_io({net.in}, {sum, flat});
  EXPECT_EQ(flips(both_ways(net.b)), 3);
  EXPECT_EQ(flips(both_ways(net.b, false)), 3);
}

TEST(Signed, NothingToMultiplyNothingToRewrite) {
  ModelBuilder b;
  const TensorId in = b.add_tensor(activation({1, 4})), mid = b.add_tensor(activation({1, 4})),
                 out = b.add_tensor(activation({1, 4}));
  b.add_op("ADD", ElementwiseParams{}, {in, in}, {mid});
  b.add_op("MUL", ElementwiseParams{}, {mid, in}, {out});
  b.set_io({in}, {out});
  EXPECT_EQ(flips(both_ways(b)), 0);
}

TEST(Signed, SharedWeightsAndWeightsThatAreAnOutput) {
  Net net(4);
  const auto& first = net.b.graphs[0].ops[0];
  const TensorId filter = first.inputs[1], bias = first.inputs[2];
  const TensorId out = net.b.add_tensor(net.spec(net.mid));
  net.b.add_op("CONV_2D", ConvParams{}, {net.in, filter, bias}, {out});
  net.b.set_io({net.in}, {net.mid, out, filter});
  EXPECT_EQ(flips(both_ways(net.b)), 3);
}

}  // namespace
}  // namespace pinfer::test
