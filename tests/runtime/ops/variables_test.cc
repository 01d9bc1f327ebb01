// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/runtime/ops/one_node.h"

namespace pinfer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A node whose input 0 is a handle of variable 0.
OneNode with_handle(const std::string& op) {
  OneNode node(op);
  node.input<std::uint8_t>({}, {0});
  node.graph().tensors[0].dtype = DType::resource;
  node.graph().tensors[0].variable = 0;
  node.graph().variables.emplace_back().name = "state";
  return node;
}

TEST(Variables, HandlesOfOneNameAreOneVariable) {
  OneNode node("VAR_HANDLE", VarHandleParams{.container = "c", .shared_name = "a"});
  node.output(DType::resource);
  node.graph().variables.emplace_back().name = "a";
  EXPECT_TRUE(node.infer());
  EXPECT_TRUE(node.infer());
  EXPECT_EQ(node.graph().variables.size(), 2u);
  EXPECT_EQ(node.graph().tensors[0].variable, 1);
}

TEST(Variables, WhatIsAssignedIsRead) {
  std::vector<std::byte> memory(12);
  OneNode assign = with_handle("ASSIGN_VARIABLE");
  assign.input<float>({3}, {1, 2, 3});
  assign.set_variables({memory.data()});
  EXPECT_EQ(assign.run(), Status::ok);
  OneNode read = with_handle("READ_VARIABLE");
  read.graph().variables = assign.graph().variables;
  read.output<float>();
  read.set_variables({memory.data()});
  EXPECT_EQ(read.run(), Status::ok);
  EXPECT_EQ(read.shape(), (Shape{3}));
  EXPECT_THAT(read.result<float>(), ElementsAre(1, 2, 3));
}

TEST(Variables, RefusesToReadWhatNothingAssigned) {
  OneNode read = with_handle("READ_VARIABLE");
  EXPECT_THAT(read.output<float>().refusal(), HasSubstr("nothing assigns it"));
}

TEST(Variables, RefusesAnotherTypeOrShape) {
  OneNode assign = with_handle("ASSIGN_VARIABLE");
  assign.input<float>({3}, {1, 2, 3});
  assign.graph().variables[0] = {
      .container = "", .name = "state", .dtype = DType::f32, .shape = {4}, .shape_known = true};
  EXPECT_THAT(assign.refusal(), HasSubstr("V8"));
  OneNode read = with_handle("READ_VARIABLE");
  read.graph().variables = assign.graph().variables;
  EXPECT_NE(read.output<std::int8_t>().refusal(), "");
}

TEST(Variables, RefusesWhatIsNoHandle) {
  OneNode read("READ_VARIABLE");
  EXPECT_THAT(read.input<float>({1}, {1}).output<float>().refusal(), HasSubstr("no handle"));
}

}  // namespace
}  // namespace pinfer
