// SPDX-License-Identifier: Apache-2.0
// One small model an operator: each loads and runs, with the passes and without, to the same bytes.
#include "tests/support/operator_models.h"

#include <gtest/gtest.h>

#include <set>

#include "runtime/ops/operator.h"
#include "runtime/session/session.h"
#include "tests/support/small_models.h"

namespace pinfer {
namespace {

std::string outputs_of(std::span<const std::byte> bytes, const std::string& name, bool passes) {
  auto model = load_model(bytes, name, {.budgets = {}, .passes = passes});
  if (!model) return model.error().message;
  auto session = Session::create(*std::move(model), {});
  if (!session) return session.error().message;
  for (std::size_t i = 0; i < session->input_count(); ++i) {
    const Tensor input = session->input(i);
    // Small numbers for every type: index tensors stay in range, floats stay finite.
    if (input.info->dtype == DType::f32)
      for (float& value : input.as<float>()) value = 0.5f + static_cast<float>(i);
    else
      std::fill_n(input.data, input.bytes(), std::byte{0});
  }
  std::string result;
  // Twice: the second run must not depend on what the first left in the arena.
  for (int run = 0; run < 2; ++run) {
    if (session->reset_state() != Status::ok) return name + ": cannot be reset";
    if (const Status status = session->run(); status != Status::ok)
      return fmt::format("{}: run: {}", name, to_string(status));
    std::string now;
    for (std::size_t i = 0; i < session->output_count(); ++i) {
      const Tensor output = session->output(i);
      now.append(reinterpret_cast<const char*>(output.data), output.bytes());
    }
    if (run == 1 && now != result) return name + ": the second run differs";
    result = std::move(now);
  }
  return result;
}

TEST(OperatorModels, EachRunsTheSameWithAndWithoutPasses) {
  int index = 0;
  for (const test::OperatorModel& model : test::operator_models()) {
    const std::string name = fmt::format("model {} of {}", index++, model.op);
    const auto bytes = model.build().finish();
    const std::string plain = outputs_of(bytes, name, false);
    EXPECT_FALSE(plain.starts_with(name)) << plain;
    EXPECT_EQ(outputs_of(bytes, name, true), plain) << name;
  }
}

// 1x2x4x2 results of 2 x 3 elements: 96 reads, which no multiply-accumulate shows.
TEST(OperatorModels, PoolsCountAgainstTheBudgetOfWork) {
  for (const char* op : {"AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"}) {
    const test::OperatorModel pool{op,
                                   PoolParams{.stride_h = 2, .filter_h = 2, .filter_w = 3},
                                   {"f32 1x4x4x2"},
                                   {"f32 1x2x4x2"}};
    const auto bytes = pool.build().finish();
    const auto refusal = [&](std::int64_t macs) -> std::string {
      auto model = load_model(bytes, op, {.budgets = {.macs = macs}});
      if (!model) return model.error().message;
      const auto session = Session::create(*std::move(model), {});
      return session ? "" : session.error().message;
    };
    EXPECT_EQ(refusal(96), "");
    EXPECT_NE(refusal(95).find("V12"), std::string::npos) << refusal(95);
  }
}

TEST(OperatorModels, EveryOperatorHasOne) {
  std::set<std::string> have;
  for (const test::OperatorModel& model : test::operator_models()) have.insert(model.op);
  for (const auto& [name, builder] : test::seed_models())
    for (const auto& graph : builder.graphs)
      for (const auto& op : graph.ops) have.insert(op.name);
  for (const Operator* op : operators())
    EXPECT_TRUE(have.contains(std::string(op->name)))
        << op->name << " has no model in tests/support/operator_models_table.cc";
}

}  // namespace
}  // namespace pinfer
