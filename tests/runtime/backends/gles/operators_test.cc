// SPDX-License-Identifier: Apache-2.0
// One small model an operator: the GPU gives the CPU's bytes (floats: within 1e-4), or its refusal
// names the operator, its index and the reason.
#include <cmath>
#include <cstring>

#include "tests/runtime/backends/gles/gles_case.h"

namespace pinfer::test {
namespace {

void fill(Session& session, int run) {
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    const Tensor input = session.input(i);
    const bool bytes = input.info->dtype == DType::i8 || input.info->dtype == DType::u8;
    if (input.info->dtype == DType::f32)
      for (std::size_t k = 0; k < input.as<float>().size(); ++k)
        input.as<float>()[k] =
            0.25f * static_cast<float>((k * 7 + i + static_cast<std::size_t>(run)) % 9) - 0.5f;
    else  // index tensors stay in range
      for (std::size_t k = 0; k < input.bytes(); ++k)
        input.data[k] = bytes
                            ? static_cast<std::byte>(k * 29 + i * 5 + static_cast<std::size_t>(run))
                            : std::byte{0};
  }
}

std::string difference(const Tensor& want, const Tensor& got) {
  if (want.info->dtype != DType::f32)
    return want.bytes() == 0 || std::memcmp(want.data, got.data, want.bytes()) == 0
               ? ""
               : "bytes differ";
  float error = 0, largest = 0;
  for (std::size_t i = 0; i < want.as<float>().size(); ++i) {
    const float a = want.as<float>()[i], b = got.as<float>()[i];
    if (std::isnan(a) && std::isnan(b)) continue;
    error = std::max(error, std::fabs(a - b));
    largest = std::max(largest, std::fabs(a));
  }
  return error <= 1e-4f * largest ? ""
                                  : fmt::format("off by {}, the largest is {}", error, largest);
}

std::string compare(Session& judge, Session& device) {
  for (int run = 0; run < 2; ++run) {
    fill(judge, run);
    fill(device, run);
    if (judge.run() != Status::ok || device.run() != Status::ok) return "a run failed";
    for (std::size_t i = 0; i < judge.output_count(); ++i)
      if (std::string why = difference(judge.output(i), device.output(i)); !why.empty()) return why;
  }
  return {};
}

TEST(GlesOperators, EachGivesTheBytesOfTheCpuOrIsRefusedByName) {
  PINFER_NEEDS_GLES();
  int ran = 0;
  const auto check = [](const std::string& name, Session& judge, Session& device) {
    EXPECT_EQ(compare(judge, device), "") << name;
  };
  ASSERT_NO_FATAL_FAILURE(walk_operator_models("gles", ran, check));
  EXPECT_GE(ran, 60);
}

}  // namespace
}  // namespace pinfer::test
