// SPDX-License-Identifier: Apache-2.0
// UTF-8: is it valid, and how many characters is it.
#pragma once

#include <cstddef>
#include <string_view>

namespace pinfer {

// Bytes of the character at the start of `text`; 0 where it is not valid UTF-8 (RFC 3629).
std::size_t utf8_length(std::string_view text) noexcept;

// Valid UTF-8 without control characters (tab is allowed).
bool is_text(std::string_view text) noexcept;

// Characters in `text`; a byte that is not valid UTF-8 counts as one.
std::size_t count_characters(std::string_view text) noexcept;

}  // namespace pinfer
