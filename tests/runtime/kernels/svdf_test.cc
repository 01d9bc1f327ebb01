// SPDX-License-Identifier: Apache-2.0
// Every variant of the svdf family against the definition, over several steps.
#include "runtime/kernels/svdf/svdf.h"

#include <gtest/gtest.h>

#include "tests/runtime/kernels/mac_cases.h"

namespace pinfer::test {
namespace {

constexpr SvdfShape kShape{.batches = 2, .inputs = 9, .units = 3, .rank = 2, .memory = 5};
constexpr std::int64_t kFilters = 6;

// For each [batch][filter] the last `memory` features, oldest first.
using History = std::vector<std::vector<std::int64_t>>;

template <class State>
void check_integers(const SvdfKernel& kernel, Random& random) {
  constexpr ClampRange kState{std::numeric_limits<State>::min(), std::numeric_limits<State>::max()};
  const auto feature = random_values<std::int8_t>(random, kFilters * kShape.inputs);
  const auto time = random_values<State>(random, kFilters * kShape.memory);
  const std::vector<std::int32_t> bias{1000, -2000, 0};
  std::vector<State> state(static_cast<std::size_t>(2 * kFilters * kShape.memory));
  std::vector<std::int8_t> out(6);
  SvdfArgs args;
  args.shape = kShape;
  args.feature = feature.data();
  args.time = time.data();
  args.bias = bias.data();
  args.state = state.data();
  args.output = out.data();
  args.input_zero = 7;
  args.output_zero = -20;
  args.feature_multiplier = {1 << 30, sizeof(State) == 2 ? -1 : -8};
  args.output_multiplier = {1 << 30, sizeof(State) == 2 ? -22 : -8};
  History history(12, std::vector<std::int64_t>(5, 0));
  for (int step = 0; step < 7; ++step) {
    const auto x = random_values<std::int8_t>(random, 2 * kShape.inputs);
    args.input = x.data();
    kernel.run(args, {0, 2, 0, 2});
    kernel.run(args, {0, 2, 2, 3});
    for (std::size_t b = 0; b < 2; ++b)
      for (std::size_t u = 0; u < 3; ++u) {
        std::int64_t sum = bias[u];
        for (std::size_t f = 2 * u; f < 2 * u + 2; ++f) {
          std::int64_t product = 0;
          for (std::size_t i = 0; i < 9; ++i) product += (x[b * 9 + i] - 7) * feature[f * 9 + i];
          auto& past = history[b * 6 + f];
          past.erase(past.begin());
          past.push_back(clamped(scaled32(product, args.feature_multiplier), kState));
          for (std::size_t i = 0; i < 5; ++i) sum += past[i] * time[f * 5 + i];
        }
        ASSERT_EQ(out[b * 3 + u], clamped(scaled32(sum, args.output_multiplier) - 20, {-128, 127}))
            << "step " << step << " unit " << u;
      }
  }
}

void check_floats(const SvdfKernel& kernel, Random& random) {
  const bool hybrid = kernel.types == SvdfTypes::hybrid;
  const auto feature = random_values<float>(random, kFilters * kShape.inputs);
  const auto time = random_values<float>(random, kFilters * kShape.memory);
  const auto feature8 = random_values<std::int8_t>(random, kFilters * kShape.inputs);
  const auto time8 = random_values<std::int8_t>(random, kFilters * kShape.memory);
  const std::vector<float> bias{0.5f, -1.0f, 0.0f}, input_scales{0.001f, 0.002f};
  const std::vector<std::int32_t> input_zeros{5, -9};
  std::vector<float> state(static_cast<std::size_t>(2 * kFilters * kShape.memory)), out(6);
  SvdfArgs args;
  args.shape = kShape;
  args.feature = hybrid ? static_cast<const void*>(feature8.data()) : feature.data();
  args.time = hybrid ? static_cast<const void*>(time8.data()) : time.data();
  args.bias = bias.data();
  args.state = state.data();
  args.output = out.data();
  args.time_scale = 0.01f;
  args.input_scales = input_scales.data();
  args.input_zeros = input_zeros.data();
  args.activation = Activation::tanh;
  std::vector<std::vector<double>> history(12, std::vector<double>(5, 0));
  for (int step = 0; step < 7; ++step) {
    const auto x = random_values<float>(random, 2 * kShape.inputs);
    const auto x8 = random_values<std::int8_t>(random, 2 * kShape.inputs);
    args.input = hybrid ? static_cast<const void*>(x8.data()) : x.data();
    kernel.run(args, {0, 1, 0, 3});
    kernel.run(args, {1, 2, 0, 3});
    for (std::size_t b = 0; b < 2; ++b)
      for (std::size_t u = 0; u < 3; ++u) {
        double sum = static_cast<double>(bias[u]);
        for (std::size_t f = 2 * u; f < 2 * u + 2; ++f) {
          double product = 0;
          for (std::size_t i = 0; i < 9; ++i)
            product += hybrid ? (x8[b * 9 + i] - input_zeros[b]) * feature8[f * 9 + i] *
                                    static_cast<double>(input_scales[b])
                              : static_cast<double>(x[b * 9 + i]) *
                                    static_cast<double>(feature[f * 9 + i]);
          auto& past = history[b * 6 + f];
          past.erase(past.begin());
          past.push_back(product);
          for (std::size_t i = 0; i < 5; ++i)
            sum +=
                past[i] * (hybrid ? time8[f * 5 + i] * 0.01 : static_cast<double>(time[f * 5 + i]));
        }
        ASSERT_NEAR(out[b * 3 + u], std::tanh(sum), 1e-4) << "step " << step << " unit " << u;
      }
  }
}

TEST(Svdf, EveryVariantRemembersTheLastInputs) {
  for (const SvdfKernel* kernel : svdf_kernels()) {
    if (!covers(detect_isa(), kernel->needs)) continue;
    SCOPED_TRACE(kernel->name);
    Random random(11);
    if (kernel->types == SvdfTypes::s8_state16)
      check_integers<std::int16_t>(*kernel, random);
    else if (kernel->types == SvdfTypes::s8_state8)
      check_integers<std::int8_t>(*kernel, random);
    else
      check_floats(*kernel, random);
  }
}

}  // namespace
}  // namespace pinfer::test
