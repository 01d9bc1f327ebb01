// SPDX-License-Identifier: Apache-2.0
// ProgramCache: what the driver has made of a shader, kept in a folder for the next start.
//
// One file a program, named by the driver's name and the source together, so a new driver or
// shader finds nothing. A file that is cut, changed or refused by the driver counts as none: the
// shader is compiled. Nothing here is an error, a cache only saves time.
#pragma once

#include <string>

#include "runtime/backends/gles/gl_library.h"

namespace pinfer::gles {

class ProgramCache final {
 public:
  ProgramCache() = default;  // keeps nothing
  ProgramCache(std::string folder, std::string driver)
      : folder_(std::move(folder)), driver_(std::move(driver)) {}

  // Whether programs are worth asking for their binaries.
  [[nodiscard]] bool active() const noexcept { return !folder_.empty(); }
  // True: `program` is linked.
  [[nodiscard]] bool load(const Gl& gl, GLuint program, const std::string& source) const;
  void keep(const Gl& gl, GLuint program, const std::string& source) const;
  // "<folder>/gles-0123456789abcdef.bin"
  [[nodiscard]] std::string path_of(const std::string& source) const;

 private:
  std::string folder_, driver_;
};

}  // namespace pinfer::gles
