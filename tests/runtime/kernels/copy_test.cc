// SPDX-License-Identifier: Apache-2.0
// Every copy kernel of this machine against a naive walk over all points; and what plan_copy makes.
#include "runtime/kernels/copy/copy.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <vector>

namespace pinfer {
namespace {

struct Case {
  std::vector<CopyDim> dims;
  std::int64_t element_bytes = 1;
};

// Random loops over an input of 4096 bytes, into an output without gaps.
Case random_case(std::mt19937& random) {
  const auto below = [&](int n) {
    return static_cast<std::int64_t>(random() % static_cast<unsigned>(n));
  };
  constexpr std::array<std::int64_t, 5> kSizes = {1, 2, 3, 4, 8};
  Case result;
  result.element_bytes = kSizes[static_cast<std::size_t>(below(5))];
  const auto rank = static_cast<std::size_t>(below(5));
  result.dims.resize(rank);
  std::int64_t out_stride = result.element_bytes;
  for (std::size_t d = rank; d-- > 0;) {
    CopyDim& dim = result.dims[d];
    dim.extent = 1 + below(5);
    dim.in_stride = (below(15) - 7) * result.element_bytes;
    dim.out_stride = out_stride;
    out_stride *= dim.extent;
  }
  // The innermost loop is often contiguous.
  if (rank > 0 && below(2) == 0) result.dims.back().in_stride = result.element_bytes;
  return result;
}

void walk(const Case& c, std::size_t d, const std::byte* in, std::byte* out,
          const std::uint8_t* lut) {
  if (d == c.dims.size()) {
    for (std::int64_t i = 0; i < c.element_bytes; ++i)
      out[i] = lut == nullptr ? in[i] : std::byte{lut[std::to_integer<int>(in[i])]};
    return;
  }
  for (std::int64_t i = 0; i < c.dims[d].extent; ++i)
    walk(c, d + 1, in + i * c.dims[d].in_stride, out + i * c.dims[d].out_stride, lut);
}

TEST(CopyKernels, EqualANaiveWalkWholeAndInParts) {
  std::mt19937 random(11);
  std::vector<std::byte> in(4096);
  for (auto& byte : in) byte = static_cast<std::byte>(random() & 0xff);
  std::array<std::uint8_t, 256> lut{};
  for (auto& entry : lut) entry = static_cast<std::uint8_t>(random());
  for (int round = 0; round < 3000; ++round) {
    const Case c = random_case(random);
    const CopyPlan plan = plan_copy(c.dims, c.element_bytes);
    const std::uint8_t* table = round % 4 == 0 ? lut.data() : nullptr;
    std::vector<std::byte> expected(8192), got(8192);
    walk(c, 0, in.data() + 2048, expected.data(), table);
    for (const CopyKernel& kernel : copy_kernels()) {
      if (!covers(detect_isa(), kernel.isa)) continue;
      std::fill(got.begin(), got.end(), std::byte{});
      const std::int64_t middle = plan.outer() / 2;
      for (const auto& [begin, end] :
           {std::pair{std::int64_t{0}, middle}, std::pair{middle, plan.outer()}})
        kernel.run({&plan, in.data() + 2048, got.data(), begin, end, table});
      ASSERT_EQ(got, expected) << kernel.name << ", round " << round;
    }
  }
}

TEST(CopyPlan, MakesOneBlockOfWhatIsContiguous) {
  const std::array dims = {CopyDim{4, 60, 60}, CopyDim{5, 12, 12}, CopyDim{3, 4, 4}};
  const CopyPlan plan = plan_copy(dims, 4);
  EXPECT_EQ(plan.rank, 0);
  EXPECT_EQ(plan.block, 240);
  EXPECT_EQ(plan.outer(), 1);
}

TEST(CopyPlan, KeepsLoopsThatJump) {
  const std::array dims = {CopyDim{4, 100, 60}, CopyDim{1, 7, 7}, CopyDim{5, 12, 12},
                           CopyDim{3, 4, 4}};
  const CopyPlan plan = plan_copy(dims, 4);
  EXPECT_EQ(plan.rank, 1);
  EXPECT_EQ(plan.block, 60);
  EXPECT_EQ(plan.bytes(), 240);
}

TEST(CopyPlan, DoesNothingForAnEmptyLoop) {
  const std::array dims = {CopyDim{4, 1, 1}, CopyDim{0, 1, 1}};
  EXPECT_EQ(plan_copy(dims, 1).outer(), 0);
}

TEST(CopyKernels, ScalarIsAlwaysThere) {
  EXPECT_EQ(copy_kernels().back().isa, isa::scalar);
  EXPECT_EQ(select_copy(isa::scalar).name, "copy_x8__scalar");
}

}  // namespace
}  // namespace pinfer
