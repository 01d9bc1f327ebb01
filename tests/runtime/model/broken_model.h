// SPDX-License-Identifier: Apache-2.0
// What the reader's tests share: a model, one lie, and the sentence that must come back.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "runtime/model/tflite_reader.h"
#include "tests/support/small_models.h"

namespace pinfer::test {

// The message for `bytes`, without its path; "read" when the reader takes them.
inline std::string refusal_of(std::span<const std::byte> bytes, const Budgets& budgets = {}) {
  const auto model = read_tflite(bytes, "m.tflite", budgets);
  if (model) return "read";
  EXPECT_TRUE(model.error().message.starts_with("m.tflite: ")) << model.error().message;
  return model.error().message.substr(10);
}

inline std::string refusal_of(const ModelBuilder& builder, const Budgets& budgets = {}) {
  return refusal_of(builder.finish(), budgets);
}

// add_model() after `lie`.
inline std::string refusal_of_add(const std::function<void(GraphSpec&)>& lie) {
  ModelBuilder builder = add_model();
  lie(builder.graphs[0]);
  return refusal_of(builder);
}

}  // namespace pinfer::test
