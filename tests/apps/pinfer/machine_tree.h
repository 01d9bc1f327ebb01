// SPDX-License-Identifier: Apache-2.0
// MachineTree: the files of a made-up machine, built from one text file in a folder of its own.
#pragma once

#include <filesystem>
#include <string>

namespace pinfer::test {

// The words of a .tree file, one a line; lines that start with '#' are comments:
//   include NAME       first what NAME.tree says
//   file PATH          a file; the lines indented by two blanks that follow are its text, \0 a NUL
//   mode OCTAL PATH    its permission bits
//   remove PATH        a file or folder of an included tree
//   config             the configuration; its text follows as that of a file
// A word that is not known, or a PATH that is not there, throws std::runtime_error.
class MachineTree final {
 public:
  MachineTree(const std::filesystem::path& folder, const std::string& name);
  MachineTree(const MachineTree&) = delete;
  MachineTree& operator=(const MachineTree&) = delete;
  ~MachineTree();

  [[nodiscard]] std::string root() const { return (place_ / "root").string(); }
  [[nodiscard]] const std::string& config() const { return config_; }  // ""; none

 private:
  void read(const std::filesystem::path& folder, const std::string& name);
  void write(const std::filesystem::path& file, const std::string& text) const;

  std::filesystem::path place_;
  std::string config_;
};

}  // namespace pinfer::test
