// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/flip.h"

#include <cstring>

namespace pinfer {
namespace {

// Fixed blocks of words become vector instructions; below kParallelBytes no worker is woken.
constexpr std::size_t kWords = 8, kBlock = kWords * sizeof(std::uint64_t);
constexpr std::int64_t kParallelBytes = 64 << 10;
constexpr std::uint64_t kTopBits = 0x8080808080808080;

void flip_block(const std::byte* in, std::byte* out) noexcept {
  std::uint64_t words[kWords];
  std::memcpy(words, in, kBlock);
  for (std::uint64_t& word : words) word ^= kTopBits;
  std::memcpy(out, words, kBlock);
}

Result<std::unique_ptr<Step>> prepare(const NodeContext& context) {
  const TensorId in = context.input_id(0), out = context.output_id(0);
  const auto bytes = static_cast<std::int64_t>(context.input(0).bytes());
  return make_step({.kernel = "flip"}, [=](const RunContext& run) noexcept {
    run.pool->parallel_for(bytes, kParallelBytes, [&](std::int64_t begin, std::int64_t end) {
      flip_bytes(run.data<std::byte>(in) + begin, run.data<std::byte>(out) + begin,
                 static_cast<std::size_t>(end - begin));
    });
    return Status::ok;
  });
}

}  // namespace

void flip_bytes(const std::byte* in, std::byte* out, std::size_t bytes) noexcept {
  std::size_t i = 0;
  for (; i + kBlock <= bytes; i += kBlock) flip_block(in + i, out + i);
  for (; i < bytes; ++i) out[i] = in[i] ^ std::byte{0x80};
}

const Operator flip_operator{.name = "flip", .prepare = prepare, .in_place = true};

}  // namespace pinfer
