// SPDX-License-Identifier: Apache-2.0
// No exception of Arm NN passes the plug-in's door: nets that no Pinfer would describe end in a
// sentence, and so do devices that are not there.
#include <gmock/gmock.h>

#include "runtime/backends/armnn/armnn_library.h"
#include "tests/runtime/backends/armnn/armnn_case.h"

namespace pinfer::test {
namespace {

using nn::LoadOutcome;
using ::testing::HasSubstr;

// ADD of two float tensors of 4 elements, to be broken.
struct SmallNet {
  nn::NetTensor tensors[3];
  std::int32_t operands[2] = {0, 1};
  nn::NetNode node;
  float values[3][4] = {{1, 2, 3, 4}, {10, 20, 30, 40}, {}};
  nn::NetPlace inputs[2], outputs[1];
  nn::Net net;

  SmallNet() {
    for (nn::NetTensor& tensor : tensors)
      tensor = {.type = nn::ElementType::f32, .rank = 2, .dims = {1, 4}};
    node = {.layer = "add",
            .label = "operator 0 ADD",
            .inputs = operands,
            .input_count = 2,
            .output = 2};
    inputs[0] = {0, values[0]};
    inputs[1] = {1, values[1]};
    outputs[0] = {2, values[2]};
    net = {.tensors = tensors,
           .tensor_count = 3,
           .nodes = &node,
           .node_count = 1,
           .inputs = inputs,
           .input_count = 2,
           .outputs = outputs,
           .output_count = 1};
  }
};

class ArmnnDoor : public ::testing::Test {
 protected:
  void SetUp() override {
    PINFER_NEEDS_ARMNN();
    auto opened = nn::armnn_table();
    ASSERT_TRUE(opened) << opened.error().message;
    armnn_ = *opened;
  }
  LoadOutcome load(const SmallNet& net, const nn::NetOptions& options = {}) {
    why_ = {};
    loaded_ = nullptr;
    return armnn_->load(&net.net, &options, &loaded_, &why_);
  }

  const nn::PluginTable* armnn_ = nullptr;
  nn::LoadedNet* loaded_ = nullptr;
  nn::Sentence why_;
};

TEST_F(ArmnnDoor, LoadsARightNetAndRunsIt) {
  SmallNet net;
  ASSERT_EQ(load(net), LoadOutcome::loaded) << why_.text;
  EXPECT_TRUE(armnn_->run(loaded_));
  EXPECT_THAT(net.values[2], ::testing::ElementsAre(11, 22, 33, 44));
  EXPECT_EQ(armnn_->shares_memory(loaded_),
            std::string_view(armnn_->arm_nn_version) != std::string_view("22.0.0"));
  armnn_->unload(loaded_);
}

TEST_F(ArmnnDoor, NamesALayerThatItDoesNotHave) {
  SmallNet net;
  net.node.layer = "divination";
  EXPECT_EQ(load(net), LoadOutcome::failed);
  EXPECT_THAT(why_.text, HasSubstr("operator 0 ADD: the plug-in has no layer divination"));
}

TEST_F(ArmnnDoor, CatchesShapesThatDoNotFit) {
  SmallNet net;
  net.tensors[2].dims[1] = 5;
  EXPECT_NE(load(net), LoadOutcome::loaded);
  EXPECT_STRNE(why_.text, "");
}

TEST_F(ArmnnDoor, CatchesIndicesOutOfRange) {
  SmallNet net;
  net.operands[1] = 9;
  EXPECT_EQ(load(net), LoadOutcome::failed);
  EXPECT_THAT(why_.text, HasSubstr("a bad index"));
}

TEST_F(ArmnnDoor, CatchesATensorThatNothingMakes) {
  SmallNet net;
  net.net.input_count = 1;
  EXPECT_EQ(load(net), LoadOutcome::failed);
  EXPECT_THAT(why_.text, HasSubstr("nothing makes tensor 1"));
}

TEST_F(ArmnnDoor, RefusesByNodeWhatNoDeviceTakes) {
  SmallNet net;
  net.tensors[0].type = nn::ElementType::u8;  // sums of bytes and floats
  EXPECT_EQ(load(net), LoadOutcome::refused);
  EXPECT_THAT(why_.text, HasSubstr("operator 0 ADD: "));
}

TEST_F(ArmnnDoor, NamesTheDevicesThatThereAreInsteadOfTheWanted) {
  const char* const wanted[] = {"EthosU"};
  EXPECT_EQ(load(SmallNet(), {.devices = wanted, .device_count = 1}), LoadOutcome::unavailable);
  EXPECT_THAT(why_.text, HasSubstr("offers none of EthosU; it offers "));
}

// A convolution of one pixel by weights that have a scale for each of two channels.
TEST_F(ArmnnDoor, KeepsScalesPerChannelFromDevicesThatComputeThemWrongly) {
  const float one[] = {1.0f}, scales[] = {1.0f, 0.5f};
  const std::int8_t weights[] = {3, 6};
  std::int8_t picture[] = {5}, result[] = {0, 0};
  nn::NetTensor tensors[3];
  for (nn::NetTensor& tensor : tensors)
    tensor = {.type = nn::ElementType::i8,
              .rank = 4,
              .dims = {1, 1, 1, 1},
              .scales = one,
              .scale_count = 1};
  tensors[1].dims[0] = tensors[2].dims[3] = 2;
  tensors[1].scales = scales;
  tensors[1].scale_count = 2;
  tensors[1].data = weights;
  SmallNet net;
  net.node.layer = "conv_2d";
  net.inputs[0].data = picture;
  net.outputs[0].data = result;
  net.net.tensors = tensors;
  net.net.input_count = 1;
  ASSERT_EQ(load(net), LoadOutcome::loaded) << why_.text;
  EXPECT_TRUE(armnn_->run(loaded_));
  EXPECT_THAT(result, ::testing::ElementsAre(15, 15));
  armnn_->unload(loaded_);
  const char* const accelerated[] = {"CpuAcc"};
  if (std::string_view(armnn_->arm_nn_version) != "22.0.0") return;
  EXPECT_EQ(load(net, {.devices = accelerated, .device_count = 1}), LoadOutcome::refused);
  EXPECT_THAT(why_.text, HasSubstr("computes rightly on CpuRef only, not on CpuAcc"));
}

TEST_F(ArmnnDoor, KeepsMeansOfBytesFromThemToo) {
  const float one[] = {1.0f};
  const std::int32_t axes[] = {1, 2};
  std::int8_t picture[] = {1, 2, 3, 6}, result[] = {0};
  nn::NetTensor tensors[3];
  for (nn::NetTensor& tensor : tensors)
    tensor = {.type = nn::ElementType::i8,
              .rank = 4,
              .dims = {1, 2, 2, 1},
              .scales = one,
              .scale_count = 1};
  tensors[2].rank = 2;
  tensors[2].dims[1] = 1;
  SmallNet net;
  net.node.layer = "mean";
  net.node.input_count = net.net.input_count = 1;
  net.node.numbers = axes;
  net.node.number_count = 2;
  net.inputs[0].data = picture;
  net.outputs[0].data = result;
  net.net.tensors = tensors;
  ASSERT_EQ(load(net), LoadOutcome::loaded) << why_.text;
  EXPECT_TRUE(armnn_->run(loaded_));
  EXPECT_EQ(result[0], 3);
  armnn_->unload(loaded_);
  const char* const accelerated[] = {"GpuAcc", "CpuAcc"};
  EXPECT_EQ(load(net, {.devices = accelerated, .device_count = 2}), LoadOutcome::refused);
  EXPECT_THAT(why_.text, HasSubstr("8-bit MEAN"));
}

TEST_F(ArmnnDoor, ComputesInHalvesWhenAskedTo) {
  SmallNet net;
  net.values[0][0] = 0.1f;
  // CpuAcc of Debian's build has no halves, and computes in floats.
  const char* const reference[] = {"CpuRef"};
  ASSERT_EQ(load(net, {.devices = reference, .device_count = 1, .fp16 = 1}), LoadOutcome::loaded)
      << why_.text;
  EXPECT_TRUE(armnn_->run(loaded_));
  EXPECT_THAT(net.values[2],
              ::testing::ElementsAre(::testing::FloatNear(10.1f, 5e-3f), 22, 33, 44));
  EXPECT_NE(net.values[2][0], 10.1f);
  armnn_->unload(loaded_);
}

TEST_F(ArmnnDoor, TakesFastMathOrSaysWhichVersionDoes) {
  const LoadOutcome outcome = load(SmallNet(), {.fast_math = 1});
  if (outcome == LoadOutcome::loaded) armnn_->unload(loaded_);
  if (outcome != LoadOutcome::loaded) {
    EXPECT_THAT(why_.text, HasSubstr("fast_math came with Arm NN 20.11"));
  }
}

}  // namespace
}  // namespace pinfer::test
