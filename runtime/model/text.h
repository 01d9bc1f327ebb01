// SPDX-License-Identifier: Apache-2.0
// Text of a model file made safe to print, log and put into JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pinfer {

// At most `max_bytes` of `text`, as valid UTF-8 without control characters: a file must not be
// able to send escape sequences to a terminal. What does not fit that becomes '?'.
std::string clean_text(std::string_view text, std::size_t max_bytes);

}  // namespace pinfer
