// SPDX-License-Identifier: Apache-2.0
// Lowering: what one node becomes on the GPU.
//
// A node's own step (runtime/ops), made for scalar hardware, has worked out and checked everything:
// windows, zero points, multipliers. The lower functions read it from there, choose a shader and
// bring the constants into the order that the shader wants.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backends/gles/context.h"
#include "runtime/ops/operator.h"

namespace pinfer::gles {

// A member of a shader's block Params.
struct Param {
  std::string_view name;
  std::int64_t value = 0;       // checked to fit 32 bits
  TensorId tensor = kNoTensor;  // its address in bytes is added
};

// One call of a shader.
struct Dispatch {
  std::string_view shader;  // shaders/<name>.comp
  std::string_view kernel;  // for profiles; static storage
  std::string choices;      // lines of #define
  std::vector<Param> params;
  std::int64_t threads = 0;  // as many as are needed; whole work groups run
};

// Words that shaders find among the constants.
class Constants final {
 public:
  // Both return the index of the first word; append4: a multiple of four, for uvec4.
  std::int64_t append(std::span<const std::uint32_t> words);
  std::int64_t append4(std::span<const std::uint32_t> words);
  // Whether so many more may be added: packing must not ask for memory without bounds.
  [[nodiscard]] bool have_room(std::int64_t words) const noexcept {
    constexpr std::int64_t kMostWords = 128 << 20;
    return static_cast<std::int64_t>(words_.size()) + words <= kMostWords;
  }
  [[nodiscard]] std::span<const std::uint32_t> words() const noexcept { return words_; }

 private:
  std::vector<std::uint32_t> words_;
};

// 256 bytes as 64 words.
std::vector<std::uint32_t> table_words(std::span<const std::uint8_t, 256> table);

struct Lowering {
  const NodeContext& context;
  const Step& step;
  Constants& constants;
  std::vector<Dispatch>& dispatches;
};

// False: a step of another kind. An error: of this kind, but not for the GPU; its message is the
// reason alone.
using LowerFunction = Result<bool> (*)(const Lowering& lowering);

// Asks the functions of lowerings.inc in turn. The error's message is the reason.
Result<std::vector<Dispatch>> lower(const NodeContext& context, const Step& step,
                                    Constants& constants);

// The reason as an error.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> because(fmt::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::unsupported, format, std::forward<Args>(args)...);
}

// A float as a parameter; shaders need not know infinities.
inline std::int64_t float_bits(float value) noexcept {
  constexpr float kMost = std::numeric_limits<float>::max();
  return std::bit_cast<std::int32_t>(std::min(std::max(value, -kMost), kMost));
}

constexpr bool is_byte(DType type) noexcept { return type == DType::i8 || type == DType::u8; }
// The choice UNSIGNED for uint8.
constexpr std::string_view sign_choice(DType type) noexcept {
  return type == DType::u8 ? "#define UNSIGNED\n" : "";
}

}  // namespace pinfer::gles
