// SPDX-License-Identifier: Apache-2.0
// One golden of the model zoo: its inputs, its expected outputs, and how to compare.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/pinfer/npy.h"
#include "runtime/session/session.h"

namespace pinfer::test {

struct GoldenTensor {
  std::int32_t node = 0;  // operator index in the file
  std::int32_t tensor = 0;
  std::uint32_t crc32 = 0;  // of the bytes after the operator ran
};

struct Golden {
  std::string name;  // folder name
  std::filesystem::path model;
  std::vector<NpyArray> inputs, outputs;
  std::vector<GoldenTensor> tensors;  // every intermediate, in execution order
};

// All goldens whose name contains one of the comma-separated parts of PINFER_GOLDEN (all when
// unset), sorted by name.
std::vector<std::filesystem::path> golden_folders();
Golden read_golden(const std::filesystem::path& folder);

struct Outcome {
  enum class Kind { exact, close, wrong, refused } kind = Kind::refused;
  std::string detail;  // what differs, or the error
};

struct RunOptions {
  bool passes = true;
  int threads = 1;
  std::string backend = "cpu";
};

// Runs the golden once and compares. Integers: bit for bit. Floats: within 1e-4 of the largest
// value.
Outcome run_golden(const Golden& golden, const RunOptions& options);

// Whether the optimised and the plain graph give the same bytes, floats too.
bool same_bytes_without_passes(const Golden& golden, std::string& why);

// Without passes: the first operator whose output's CRC differs, as text; empty when none does.
std::string first_difference(const Golden& golden, const std::string& backend = "cpu");

}  // namespace pinfer::test
