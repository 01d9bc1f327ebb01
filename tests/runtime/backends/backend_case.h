// SPDX-License-Identifier: Apache-2.0
// What the tests of all backends ask: whether one is here at all, and every operator's small
// models.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "runtime/session/session.h"
#include "tests/support/operator_models.h"
#include "tests/support/small_models.h"

namespace pinfer::test {

// Empty when sessions on the backend can be made here; else its own words.
inline std::string why_no_backend(const std::string& backend) {
  static const std::vector<std::byte> bytes = digits_model().finish();
  auto model = load_model(bytes, "digits", {});
  if (!model) return model.error().message;
  const auto session = Session::create(*model, {.backend = backend});
  if (session || session.error().code != ErrorCode::unavailable) return {};
  return session.error().message;
}

// `check(name, judge, device)` for each model that the backend takes; the refusal of the others
// names the operator and its index. `ran` counts those that are taken.
template <class Check>
void walk_operator_models(const std::string& backend, int& ran, const Check& check) {
  int index = 0;
  for (const OperatorModel& model : operator_models()) {
    const std::string name = fmt::format("model {} of {}", index++, model.op);
    const auto bytes = model.build().finish();
    auto loaded = load_model(bytes, name, {.budgets = {}, .passes = false});
    ASSERT_TRUE(loaded) << loaded.error().message;
    auto judge = Session::create(*loaded, {.isa = isa::scalar});
    ASSERT_TRUE(judge) << judge.error().message;
    auto device = Session::create(*loaded, {.backend = backend});
    if (!device) {
      EXPECT_THAT(device.error().message, ::testing::HasSubstr("operator 0 " + model.op));
      continue;
    }
    ++ran;
    check(name, *judge, *device);
  }
  std::printf("%d of %d small models run on %s\n", ran, index, backend.c_str());
}

}  // namespace pinfer::test
