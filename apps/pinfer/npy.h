// SPDX-License-Identifier: Apache-2.0
// NumPy .npy files in and out (format 1.0 to 3.0, C order, little endian).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/core/result.h"
#include "runtime/graph/dtype.h"

namespace pinfer {

struct NpyArray {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;  // outermost first; empty for a scalar
  std::vector<std::byte> data;      // exactly the product of shape times size_of(dtype)
};

// Errors: not_found, io, invalid_argument (not an .npy file, Fortran order, big endian, an unknown
// type, a size that does not match), over_budget beyond 1 GiB. Each names the path.
Result<NpyArray> read_npy(const std::string& path);

// Writes atomically. `data` has the product of `shape` times size_of(dtype) bytes.
Result<void> write_npy(const std::string& path, DType dtype, std::span<const std::int32_t> shape,
                       std::span<const std::byte> data);

}  // namespace pinfer
