// SPDX-License-Identifier: Apache-2.0
// A session capped to an ISA level runs kernels of that level and below, and gives the same bytes.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "runtime/session/session.h"
#include "tests/support/zoo.h"

namespace pinfer::test {
namespace {

constexpr std::array kLevels = {"scalar", "neon", "neondot", "i8mm", "avx2", "avx512vnni"};

// The demo's network is in every clone; the others are there or not.
std::vector<std::string> models() {
  std::vector<std::string> paths = {"apps/demo/digits.tflite"};
  for (const char* folder : {"zoo/mlcommons+tiny/benchmark/training/keyword_spotting",
                             "zoo/mlcommons+tiny/benchmark/training/image_classification"})
    for (const std::string& path : zoo_files(folder, ".tflite")) paths.push_back(path);
  return paths;
}

void fill(const Tensor& tensor) {
  std::uint32_t seed = 12345;
  for (std::size_t i = 0; i < tensor.bytes(); ++i) {
    seed = seed * 1664525u + 1013904223u;
    tensor.data[i] = static_cast<std::byte>(seed >> 24);
  }
}

struct Ran {
  bool floats = false;
  std::vector<std::string> kernels;
  std::vector<std::byte> output;
};

void run(const std::string& path, IsaBits bits, Ran& ran) {
  const auto model = load_model(path, {});
  ASSERT_TRUE(model) << model.error().message;
  auto session = Session::create(*model, {.isa = bits});
  ASSERT_TRUE(session) << session.error().message;
  ran.floats = session->input(0).info->dtype == DType::f32;
  fill(session->input(0));
  ASSERT_EQ(session->run(), Status::ok);
  for (const StepReport& step : session->steps()) ran.kernels.emplace_back(step.kernel);
  const Tensor output = session->output(0);
  ran.output.assign(output.data, output.data + output.bytes());
}

TEST(IsaLevels, ACapIsHonouredByEveryStep) {
  for (const std::string& path : models()) {
    Ran scalar;
    run(path, isa::scalar, scalar);
    for (const char* level : kLevels) {
      const auto bits = cap_isa(detect_isa(), level);
      ASSERT_TRUE(bits);
      Ran ran;
      run(path, *bits, ran);
      for (const std::string& kernel : ran.kernels) {
        const auto at = kernel.find("__");
        if (at == std::string::npos) continue;  // steps that need no kernel
        const auto needs = cap_isa(~IsaBits{0}, kernel.substr(at + 2));
        ASSERT_TRUE(needs) << kernel << " names no ISA level";
        EXPECT_TRUE(covers(*bits, *needs)) << path << " capped to " << level << " runs " << kernel;
      }
      // Floats may round in another order.
      if (!ran.floats) {
        EXPECT_EQ(ran.output, scalar.output) << path << " at " << level;
      }
    }
  }
}

}  // namespace
}  // namespace pinfer::test
