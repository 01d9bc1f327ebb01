// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits: names and checksums of caches; no protection against who means harm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pinfer {

inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325u;

constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t start = kFnvStart) noexcept {
  std::uint64_t hash = start;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

inline std::uint64_t fnv1a(std::span<const std::byte> bytes) noexcept {
  return fnv1a(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace pinfer
