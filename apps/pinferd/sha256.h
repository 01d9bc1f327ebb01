// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), to name a model by what it is.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace pinfer {

// 64 lower-case digits, as `sha256sum` prints them.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace pinfer
