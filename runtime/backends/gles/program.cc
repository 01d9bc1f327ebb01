// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/program.h"

#include <algorithm>
#include <array>

namespace pinfer::gles {
namespace {

const ShaderSource* find_source(std::string_view name) {
  const auto sources = shader_sources();
  const auto it = std::find_if(sources.begin(), sources.end(),
                               [&](const ShaderSource& source) { return source.name == name; });
  return it == sources.end() ? nullptr : &*it;
}

template <class Get>
std::string log_of(const Get& get) {
  std::array<char, 2048> text{};
  GLsizei length = 0;
  get(static_cast<GLsizei>(text.size()), &length, text.data());
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string source_text(const ShaderSource& prelude, const ShaderSource& shader,
                        const std::string& choices) {
  return fmt::format("#version 310 es\n{}{}{}", choices, prelude.text, shader.text);
}

Result<GLuint> compile(const Gl& gl, std::string_view name, const std::string& text,
                       std::string& log) {
  const GLuint shader = gl.CreateShader(GL_COMPUTE_SHADER);
  const char* lines = text.c_str();
  gl.ShaderSource(shader, 1, &lines, nullptr);
  gl.CompileShader(shader);
  GLint done = GL_FALSE;
  gl.GetShaderiv(shader, GL_COMPILE_STATUS, &done);
  log = log_of([&](GLsizei most, GLsizei* length, char* to) {
    gl.GetShaderInfoLog(shader, most, length, to);
  });
  if (done == GL_TRUE) return shader;
  gl.DeleteShader(shader);
  return fail(ErrorCode::internal, "gles: shader {}: the driver does not compile it: {}", name,
              log.empty() ? "no reason given (is the context lost?)" : log);
}

}  // namespace

Result<void> Program::link(const Context& context, std::string_view shader,
                           const std::string& text) {
  const Gl& gl = context.gl();
  PINFER_TRY(const GLuint object, compile(gl, shader, text, log));
  gl.AttachShader(id, object);
  if (context.cache().active())
    gl.ProgramParameteri(id, GL_PROGRAM_BINARY_RETRIEVABLE_HINT, GL_TRUE);
  gl.LinkProgram(id);
  gl.DeleteShader(object);  // lives on as long as the program
  GLint done = GL_FALSE;
  gl.GetProgramiv(id, GL_LINK_STATUS, &done);
  if (done == GL_TRUE) return {};
  return fail(ErrorCode::internal, "gles: shader {}: the driver does not link it: {}", shader,
              log_of([&](GLsizei most, GLsizei* length, char* to) {
                gl.GetProgramInfoLog(id, most, length, to);
              }));
}

Result<Program> build_program(const Context& context, std::string_view shader,
                              const std::string& choices) {
  const Gl& gl = context.gl();
  const ShaderSource* source = find_source(shader);
  const ShaderSource* prelude = find_source("prelude");
  if (source == nullptr || prelude == nullptr)
    return fail(ErrorCode::internal, "gles: no shader {} in this build", shader);
  const std::string text = source_text(*prelude, *source, choices);
  Program program;
  program.id = gl.CreateProgram();
  program.from_cache = context.cache().load(gl, program.id, text);
  if (!program.from_cache) {
    PINFER_CHECK(program.link(context, shader, text));
    context.cache().keep(gl, program.id, text);
  }
  const GLuint block = gl.GetUniformBlockIndex(program.id, "Params");
  GLint bytes = 0;
  if (block != GL_INVALID_INDEX)
    gl.GetActiveUniformBlockiv(program.id, block, GL_UNIFORM_BLOCK_DATA_SIZE, &bytes);
  program.params_bytes = bytes;
  return program;
}

Result<std::int32_t> Program::param_offset(const Gl& gl, std::string_view name) const {
  const std::string text(name);
  const char* names[] = {text.c_str()};
  GLuint index = GL_INVALID_INDEX;
  gl.GetUniformIndices(id, 1, names, &index);
  GLint offset = -1;
  if (index != GL_INVALID_INDEX) gl.GetActiveUniformsiv(id, 1, &index, GL_UNIFORM_OFFSET, &offset);
  if (offset < 0 || offset + 4 > params_bytes)
    return fail(ErrorCode::internal, "gles: a shader has no parameter {}", name);
  return offset;
}

}  // namespace pinfer::gles
