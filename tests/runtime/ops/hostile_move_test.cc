// SPDX-License-Identifier: Apache-2.0
// Random shapes, index operands and parameters for the operators that move bytes: each node is
// either refused with a sentence or runs (run-time indices may be refused by the step). What goes
// wrong in between is for the sanitizers of host-debug to find.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

// Operands, one letter each: d data, v one value of the data's type, i run-time indices, k known
// indices as many as dimensions, s one known index, p known pairs, a pair for each dimension,
// t two known indices, b boxes, m many data operands.
struct Form {
  const char* op;
  const char* operands;
  int outputs;
};
constexpr std::array kForms = {
    Form{"CONCATENATION", "m", 1},
    Form{"PACK", "m", 1},
    Form{"SPLIT", "sd", 2},
    Form{"SPLIT_V", "dts", 2},
    Form{"UNPACK", "d", 2},
    Form{"SLICE", "dkk", 1},
    Form{"STRIDED_SLICE", "dkkk", 1},
    Form{"REVERSE_V2", "dk", 1},
    Form{"PAD", "dp", 1},
    Form{"PADV2", "dpv", 1},
    Form{"MIRROR_PAD", "dp", 1},
    Form{"TRANSPOSE", "dk", 1},
    Form{"DEPTH_TO_SPACE", "d", 1},
    Form{"SPACE_TO_DEPTH", "d", 1},
    Form{"SQUEEZE", "d", 1},
    Form{"EXPAND_DIMS", "ds", 1},
    Form{"RESHAPE", "dk", 1},
    Form{"SHAPE", "d", 1},
    Form{"TILE", "dk", 1},
    Form{"BROADCAST_TO", "dk", 1},
    Form{"FILL", "kv", 1},
    Form{"ZEROS_LIKE", "d", 1},
    Form{"GATHER", "di", 1},
    Form{"EMBEDDING_LOOKUP", "id", 1},
    Form{"GATHER_ND", "di", 1},
    Form{"SCATTER_ND", "idk", 1},
    Form{"ONE_HOT", "isvv", 1},
    Form{"DYNAMIC_UPDATE_SLICE", "ddi", 1},
    Form{"RESIZE_BILINEAR", "dt", 1},
    Form{"RESIZE_NEAREST_NEIGHBOR", "dt", 1},
    Form{"SPACE_TO_BATCH_ND", "dtp", 1},
    Form{"BATCH_TO_SPACE_ND", "dtp", 1},
    Form{"RANGE", "sss", 1},
    Form{"BROADCAST_ARGS", "kk", 1},
};
constexpr std::array kTypes = {DType::f32, DType::i8, DType::u8, DType::i16, DType::i64};
constexpr std::array kEdges = {2147483647, -2147483647 - 1, 100000, -100000, 4097};

class Dice final {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool once_in(int n) { return below(n) == 0; }
  std::int32_t index() {
    if (once_in(25)) return kEdges[static_cast<std::size_t>(below(5))];
    return below(5) - (once_in(3) ? 2 : 0);
  }
  std::vector<std::int32_t> indices(std::size_t count) {
    std::vector<std::int32_t> result(count);
    for (auto& value : result) value = index();
    // A permutation now and then, and no strides of zero all the time.
    if (once_in(3))
      for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<std::int32_t>(i);
    if (once_in(3)) std::shuffle(result.begin(), result.end(), random_);
    return result;
  }
  Shape shape() {
    Shape shape;
    const int rank = once_in(2) ? 4 : below(7);
    for (int d = 0; d < rank; ++d)
      static_cast<void>(shape.push_back(once_in(15) ? 0 : 1 + below(4)));
    return shape;
  }
  std::vector<std::uint8_t> bytes(std::size_t count) {
    std::vector<std::uint8_t> result(count);
    for (auto& byte : result) byte = static_cast<std::uint8_t>(random_());
    return result;
  }
  Quant quant() {
    if (once_in(3)) return {};
    return {{once_in(4) ? 0.25f : 1.0f}, {once_in(2) ? 0 : below(300) - 130}, 0};
  }
  OpParams params(const std::string& op) {
    if (op == "CONCATENATION") return ConcatenationParams{.axis = index()};
    if (op == "PACK") return PackParams{.count = 1 + below(3), .axis = index()};
    if (op.starts_with("SPLIT")) return SplitParams{.num_splits = once_in(4) ? index() : 2};
    if (op == "UNPACK") return UnpackParams{.count = once_in(4) ? index() : 2, .axis = index()};
    if (op == "STRIDED_SLICE")
      return StridedSliceParams{below(16),
                                below(16),
                                once_in(2) ? 0 : below(16),
                                once_in(2) ? 0 : below(16),
                                once_in(2) ? 0 : below(16),
                                once_in(5)};
    if (op.starts_with("RESIZE")) return ResizeParams{once_in(3), once_in(3)};
    if (op == "GATHER") return GatherParams{index(), once_in(2) ? 0 : index()};
    if (op.find("DEPTH") != std::string::npos)
      return DepthSpaceParams{once_in(3) ? index() : 1 + below(2)};
    if (op == "SQUEEZE") return SqueezeParams{indices(static_cast<std::size_t>(below(3)))};
    if (op == "MIRROR_PAD") return MirrorPadParams{once_in(2)};
    if (op == "ONE_HOT") return OneHotParams{index()};
    return std::monostate{};
  }

 private:
  std::mt19937 random_;
};

class Operands final {
 public:
  Operands(OneNode& node, Dice& dice)
      : node_(node),
        dice_(dice),
        type_(kTypes[static_cast<std::size_t>(dice.below(5))]),
        shape_(dice.shape()),
        quant_(dice.quant()) {}

  void add(char form) {
    const std::size_t rank = dice_.once_in(12) ? 3 : shape_.size();
    switch (form) {
      case 'd':
        return data(dice_.once_in(4) ? dice_.shape() : shape_);
      case 'm':
        for (int i = 1 + dice_.below(3); i > 0; --i)
          data(dice_.once_in(6) ? dice_.shape() : shape_);
        return;
      case 'v':
        return data(Shape{});
      case 'i': {
        const Shape where{1 + dice_.below(3), 1 + dice_.below(3)};
        const Shape one{dice_.once_in(2) ? static_cast<std::int32_t>(rank) : 1 + dice_.below(3)};
        const Shape& chosen = dice_.once_in(2) ? where : one;
        node_.input<std::int32_t>(chosen,
                                  dice_.indices(static_cast<std::size_t>(elements(chosen))));
        return;
      }
      case 'k':
        return known({static_cast<std::int32_t>(rank)}, rank);
      case 's':
        return known({}, 1);
      case 't':
        return known({2}, 2);
      default: {  // p: pairs for each dimension, or for two of them
        const std::size_t pairs = node_.node().op.find("_ND") != std::string::npos ? 2 : rank;
        return known({static_cast<std::int32_t>(pairs), 2}, 2 * pairs);
      }
    }
  }
  void output() {
    const std::string& op = node_.node().op;
    if (op == "SHAPE" || op == "RANGE" || op == "BROADCAST_ARGS")
      node_.output(DType::i32);
    else
      node_.output(dice_.once_in(20) ? DType::f64 : type_,
                   dice_.once_in(3) ? dice_.quant() : quant_);
  }

 private:
  void data(const Shape& shape) {
    node_.input<std::uint8_t>(
        shape, dice_.bytes(static_cast<std::size_t>(elements(shape)) * size_of(type_)),
        dice_.once_in(6) ? dice_.quant() : quant_);
    node_.graph().tensors.back().dtype = type_;
  }
  void known(const Shape& shape, std::size_t count) {
    node_.known<std::int32_t>(shape, dice_.indices(count));
  }

  OneNode& node_;
  Dice& dice_;
  DType type_;
  Shape shape_;
  Quant quant_;
};

TEST(Hostile, MovesAreRefusedOrRun) {
  std::array<int, kForms.size()> accepted{};
  for (unsigned seed = 0; seed < 100000; ++seed) {
    Dice dice(seed);
    const std::size_t which = seed % kForms.size();
    const Form& form = kForms[which];
    OneNode node(form.op, dice.params(form.op));
    Operands operands(node, dice);
    for (const char* letter = form.operands; *letter != '\0'; ++letter) operands.add(*letter);
    for (int i = 0; i < form.outputs; ++i) operands.output();
    const auto result = node.infer();
    if (!result) {
      EXPECT_NE(result.error().message.find(form.op), std::string::npos) << result.error().message;
      continue;
    }
    bool small = true;
    for (int i = 0; i < form.outputs; ++i)
      small = small && elements(node.shape(static_cast<std::size_t>(i))) <= 1 << 18;
    if (!small) continue;
    const Status status = node.run();
    EXPECT_TRUE(status == Status::ok || status == Status::bad_index)
        << form.op << " with seed " << seed << ": " << to_string(status);
    if (status == Status::ok) ++accepted[which];
  }
  for (std::size_t i = 0; i < accepted.size(); ++i)
    EXPECT_GT(accepted[i], 0) << kForms[i].op << " was never accepted: the test is too hostile";
}

}  // namespace
}  // namespace pinfer
