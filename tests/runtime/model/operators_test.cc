// SPDX-License-Identifier: Apache-2.0
// Rules V2, V3 and V11 on operators: names, operands, order.
#include <limits>

#include "tests/runtime/model/broken_model.h"

namespace pinfer {
namespace {

using test::GraphSpec;
using test::refusal_of;
using test::refusal_of_add;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ModelOperators, AreReadInOrderWithTheirNamesAndOperands) {
  const auto bytes = test::digits_model().finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto& nodes = model->graph.nodes;
  ASSERT_EQ(nodes.size(), 5u);
  EXPECT_EQ(nodes[0].op, "CONV_2D");
  EXPECT_EQ(nodes[3].op, "FULLY_CONNECTED");
  EXPECT_EQ(nodes[3].inputs, (std::vector<TensorId>{6, 7, kNoTensor}));
  EXPECT_EQ(nodes[3].outputs, std::vector<TensorId>{8});
  EXPECT_EQ(nodes[4].source_index, 4);
  EXPECT_EQ(model->graph.inputs, std::vector<TensorId>{0});
  EXPECT_EQ(model->graph.outputs, std::vector<TensorId>{9});
}

TEST(ModelOperators, EveryOperandOutOfRangeIsNamed) {
  for (const TensorId id :
       {-2, 3, 1000, std::numeric_limits<TensorId>::max(), std::numeric_limits<TensorId>::min()}) {
    const std::string tail = " is tensor " + std::to_string(id) + ", the graph has 3 tensors";
    EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.ops[0].inputs[1] = id; }),
              "V2: operator 0 ADD: input 1" + tail);
    EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.ops[0].outputs[0] = id; }),
              "V2: operator 0 ADD: output 0" + tail);
    EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.ops[0].intermediates = {id}; }),
              "V2: operator 0 ADD: intermediate 0" + tail);
    EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.inputs[1] = id; }), "V2: graph input 1" + tail);
    EXPECT_EQ(refusal_of_add([&](GraphSpec& g) { g.outputs[0] = id; }),
              "V2: graph output 0" + tail);
  }
}

TEST(ModelOperators, AnAbsentOperandIsAllowedForInputsOnly) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops[0].inputs[1] = -1; }), "read");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops[0].outputs[0] = -1; }),
            "V2: operator 0 ADD: output 0 is tensor -1, the graph has 3 tensors");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.inputs[0] = -1; }),
            "V2: graph input 0 is tensor -1, the graph has 3 tensors");
}

TEST(ModelOperators, AnOperatorCodeThatDoesNotExistIsRefused) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops[0].raw_opcode_index = 5; }),
            "V2: operator 0: its operator code 5 does not exist, the file has 0");
}

TEST(ModelOperators, CodesBeyond126AreRead) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].ops[0].name = "GELU";
  builder.graphs[0].ops[0].params = GeluParams{.approximate = true};
  const auto bytes = builder.finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_EQ(model->graph.nodes[0].op, "GELU");
  EXPECT_TRUE(std::get<GeluParams>(model->graph.nodes[0].params).approximate);
}

TEST(ModelOperators, UnknownOnesKeepANameToRefuseThemBy) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].ops[0].raw_builtin = 4711;
  auto bytes = builder.finish();
  EXPECT_EQ(read_tflite(bytes, "m", {})->graph.nodes[0].op, "BUILTIN_4711");
  builder.graphs[0].ops[0].raw_builtin = {};
  builder.graphs[0].ops[0].name = "edgetpu-custom-op";
  bytes = builder.finish();
  const auto model = read_tflite(bytes, "m", {});
  EXPECT_EQ(model->graph.nodes[0].op, "edgetpu-custom-op");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(model->graph.nodes[0].params));
}

TEST(ModelOperators, NegativeCodesAndNamelessCustomOnesAreRefused) {
  EXPECT_THAT(refusal_of_add([](GraphSpec& g) { g.ops[0].raw_builtin = -3; }),
              HasSubstr("V2: operator 0: its operator code 0 is -3"));
  EXPECT_THAT(refusal_of_add([](GraphSpec& g) { g.ops[0].name = ""; }),
              HasSubstr("V2: operator 0: its custom operator code 0 has no name"));
}

TEST(ModelOperators, ACustomOneDoesNotPassForABuiltinOne) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].ops[0].raw_builtin = 32;  // custom, with the custom code "ADD"
  const auto bytes = builder.finish();
  EXPECT_EQ(read_tflite(bytes, "m", {})->graph.nodes[0].op, "custom:ADD");
}

TEST(ModelOrder, ATensorIsNotInputAndOutputOfOneOperator) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops[0].inputs[1] = 2; }),
            "V3: operator 0 ADD: it reads tensor 2 'sum' before an operator has made it");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.ops[0].outputs[0] = 1;
              g.inputs = {0};
              g.tensors[1].is_variable = true;
            }),
            "V3: operator 0 ADD: tensor 1 'y' is its input and its output");
}

TEST(ModelOrder, ATensorIsMadeOnce) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops.push_back(g.ops[0]); }),
            "V3: operator 1 ADD: tensor 2 'sum' is already made by operator 0");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.ops[0].outputs = {2, 2};
            }),
            "V3: operator 0 ADD: tensor 2 'sum' is already made by operator 0");
}

TEST(ModelOrder, InputsConstantsAndVariablesAreNotWritten) {
  const auto writes_y = [](GraphSpec& g) {
    g.ops[0].inputs = {0, 0};
    g.ops[0].outputs = {1};
    g.outputs = {1};
  };
  EXPECT_EQ(refusal_of_add(writes_y),
            "V3: operator 0 ADD: it writes to the graph input tensor 1 'y'");
  EXPECT_EQ(refusal_of_add([&](GraphSpec& g) {
              writes_y(g);
              g.inputs = {0};
              g.tensors[1].data.resize(16);
            }),
            "V3: operator 0 ADD: it writes to the constant tensor 1 'y'");
  EXPECT_EQ(refusal_of_add([&](GraphSpec& g) {
              writes_y(g);
              g.inputs = {0};
              g.tensors[1].is_variable = true;
            }),
            "V3: operator 0 ADD: it writes to the variable tensor 1 'y'");
}

TEST(ModelOrder, AGraphInputIsNoConstantAndListedOnce) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.tensors[1].data.resize(16); }),
            "V3: the graph input tensor 1 'y' is a constant");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) {
              g.inputs = {0, 1, 1};
            }),
            "V3: tensor 1 'y' is listed twice as graph input");
}

TEST(ModelOrder, TensorsComeFromSomewhere) {
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.inputs = {0}; }),
            "V9: operator 0 ADD: tensor 1 'y' has no data, and no operator makes it");
  EXPECT_EQ(refusal_of_add([](GraphSpec& g) { g.ops.clear(); }),
            "V3: nothing makes the graph output tensor 2 'sum'");
}

TEST(ModelOrder, OperandsWithoutElementsAreConstants) {
  test::ModelBuilder builder = test::add_model();
  builder.graphs[0].tensors[1].shape = {0};
  builder.graphs[0].inputs = {0};
  const auto bytes = builder.finish();
  const auto model = read_tflite(bytes, "m", {});
  ASSERT_TRUE(model.has_value()) << model.error().message;
  EXPECT_TRUE(model->graph.tensor(1).is_constant);
  EXPECT_TRUE(model->graph.tensor(1).data.empty());
}

TEST(ModelOrder, AnEarlierUseThanTheMakingIsRefused) {
  test::ModelBuilder builder = test::digits_model();
  std::swap(builder.graphs[0].ops[1], builder.graphs[0].ops[2]);
  EXPECT_EQ(refusal_of(builder),
            "V3: operator 1 RESHAPE: it reads tensor 4 'pool' before an operator has made it");
}

// `depth` subgraphs, each of which runs the next by CALL.
test::ModelBuilder chain(int depth) {
  test::ModelBuilder builder = test::add_model();
  for (int i = 1; i <= depth; ++i) {
    builder.add_op("CALL", {}, {}, {}).calls = {i};
    builder.begin_subgraph();
  }
  return builder;
}

TEST(ModelCalls, EightLevelsAreReadAndNineRefused) {
  EXPECT_EQ(refusal_of(chain(8)), "read");
  EXPECT_THAT(refusal_of(chain(9)), HasSubstr("chain of more than 8 calls"));
  EXPECT_THAT(refusal_of(chain(5000)), HasSubstr("chain of more than 8 calls"));
}

TEST(ModelCalls, CirclesAreRefused) {
  for (const std::int32_t last : {0, 1, 2}) {
    test::ModelBuilder builder = chain(2);
    builder.add_op("CALL", {}, {}, {}).calls = {last};
    EXPECT_THAT(refusal_of(builder), HasSubstr("V3: subgraph " + std::to_string(last)));
    EXPECT_THAT(refusal_of(builder), HasSubstr("runs itself"));
  }
}

TEST(ModelCalls, SubgraphsThatDoNotExistAreRefused) {
  for (const std::int32_t index : {-1, 1, 77, std::numeric_limits<std::int32_t>::max()}) {
    test::ModelBuilder once = test::add_model();
    once.add_op("CALL_ONCE", CallOnceParams{.subgraph = index}, {}, {});
    EXPECT_EQ(refusal_of(once), "V2: operator 1 of subgraph 0 runs subgraph " +
                                    std::to_string(index) + ", the file has 1");
    for (const char* op : {"WHILE", "IF"}) {
      test::ModelBuilder loop = test::add_model();
      loop.add_op(op, {}, {}, {}).calls = {1, index};
      loop.begin_subgraph();
      EXPECT_EQ(refusal_of(loop), index == 1 ? "read"
                                             : "V2: operator 1 of subgraph 0 runs subgraph " +
                                                   std::to_string(index) + ", the file has 2");
    }
    test::ModelBuilder composite = test::add_model();
    composite.add_op("STABLEHLO_COMPOSITE", CompositeParams{.name = "x", .subgraph = index}, {},
                     {});
    EXPECT_THAT(refusal_of(composite), HasSubstr("runs subgraph "));
  }
}

TEST(ModelCalls, ErrorsInASubgraphNameIt) {
  test::ModelBuilder builder = chain(1);
  builder.add_op("ADD", {}, {9}, {});
  EXPECT_EQ(refusal_of(builder),
            "subgraph 1: V2: operator 0 ADD: input 0 is tensor 9, the graph has 0 tensors");
}

TEST(ModelCalls, VariablesOfOneNameAreOneVariable) {
  for (const auto& [name, builder] : test::seed_models()) {
    if (name != "variable") continue;
    const auto bytes = builder.finish();
    const auto model = read_tflite(bytes, "m", {});
    ASSERT_TRUE(model.has_value()) << model.error().message;
    ASSERT_EQ(model->graph.variables.size(), 1u);
    EXPECT_EQ(model->graph.variables[0].name, "count");
    EXPECT_EQ(model->graph.tensor(1).variable, 0);
    EXPECT_EQ(model->subgraphs.at(0).tensor(0).variable, 0);
  }
}

}  // namespace
}  // namespace pinfer
