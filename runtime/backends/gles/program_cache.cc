// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/program_cache.h"

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/core/files.h"
#include "runtime/core/hash.h"

namespace pinfer::gles {
namespace {

constexpr std::uint64_t kMostBytes = 16u << 20;  // of a file; programs have some ten kilobytes
constexpr char kMagic[8] = {'P', 'n', 'f', 'G', 'l', 's', '0', '1'};

// In the byte order of the machine that wrote it, which is the one that reads it.
struct Head {
  char magic[8] = {};
  std::uint64_t source = 0;    // hash with another start than the file's name
  std::uint64_t checksum = 0;  // of the bytes behind the head
  std::uint32_t format = 0;
  std::uint32_t bytes = 0;
};

constexpr std::uint64_t kNameStart = kFnvStart, kCheckStart = 0x84222325cbf29ce4u;

std::uint64_t key_of(const std::string& driver, const std::string& source, std::uint64_t start) {
  return fnv1a(source, fnv1a(driver, start) * 31);
}

}  // namespace

std::string ProgramCache::path_of(const std::string& source) const {
  return fmt::format("{}/gles-{:016x}.bin", folder_, key_of(driver_, source, kNameStart));
}

bool ProgramCache::load(const Gl& gl, GLuint program, const std::string& source) const {
  if (!active()) return false;
  const auto file = read_file(path_of(source), kMostBytes);
  Head head;
  if (!file || file->size() < sizeof head) return false;
  std::memcpy(&head, file->data(), sizeof head);
  const std::string_view binary = std::string_view(*file).substr(sizeof head);
  if (std::memcmp(head.magic, kMagic, sizeof kMagic) != 0 || head.bytes != binary.size() ||
      head.source != key_of(driver_, source, kCheckStart) ||
      head.checksum != fnv1a(binary, kCheckStart))
    return false;
  gl.ProgramBinary(program, head.format, binary.data(), static_cast<GLsizei>(binary.size()));
  GLint linked = GL_FALSE;
  gl.GetProgramiv(program, GL_LINK_STATUS, &linked);
  const bool no_error = gl.GetError() == GL_NO_ERROR;
  return linked == GL_TRUE && no_error;
}

void ProgramCache::keep(const Gl& gl, GLuint program, const std::string& source) const {
  if (!active()) return;
  GLint bytes = 0;
  gl.GetProgramiv(program, GL_PROGRAM_BINARY_LENGTH, &bytes);
  if (bytes <= 0 || static_cast<std::uint64_t>(bytes) + sizeof(Head) > kMostBytes) return;
  std::string file(sizeof(Head) + static_cast<std::size_t>(bytes), '\0');
  GLsizei written = 0;
  GLenum format = 0;
  gl.GetProgramBinary(program, bytes, &written, &format, file.data() + sizeof(Head));
  if (gl.GetError() != GL_NO_ERROR || written <= 0) return;
  file.resize(sizeof(Head) + static_cast<std::size_t>(written));
  Head head;
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.source = key_of(driver_, source, kCheckStart);
  head.checksum = fnv1a(std::string_view(file).substr(sizeof head), kCheckStart);
  head.format = format;
  head.bytes = static_cast<std::uint32_t>(written);
  std::memcpy(file.data(), &head, sizeof head);
  static_cast<void>(write_file_atomically(path_of(source), std::string_view(file)));
}

}  // namespace pinfer::gles
