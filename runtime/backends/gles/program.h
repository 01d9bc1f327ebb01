// SPDX-License-Identifier: Apache-2.0
// Program: a shader of shaders/ with its choices made, compiled and linked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backends/gles/context.h"
#include "runtime/core/result.h"

namespace pinfer::gles {

// Embedded by CMake from shaders/<name>.comp.
struct ShaderSource {
  std::string_view name, text;
};
std::span<const ShaderSource> shader_sources();

struct Program {
  GLuint id = 0;  // dies with the context
  std::int32_t params_bytes = 0;
  std::string log;          // of the compiler; empty where it has nothing to say
  bool from_cache = false;  // the driver had made it before

  // Where a member of the block Params lies, bytes. Error internal: there is none of that name.
  [[nodiscard]] Result<std::int32_t> param_offset(const Gl& gl, std::string_view name) const;

  // Compiles and links `text`; build_program does it where the cache has nothing.
  Result<void> link(const Context& context, std::string_view shader, const std::string& text);
};

// The context is current. `choices` are lines of #define. Error internal with the compiler's words.
Result<Program> build_program(const Context& context, std::string_view shader,
                              const std::string& choices);

}  // namespace pinfer::gles
