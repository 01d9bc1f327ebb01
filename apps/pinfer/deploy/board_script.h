// SPDX-License-Identifier: Apache-2.0
// board_facts.sh and board_switch.sh as one text. CMake makes board_script.cc of the two files.
#pragma once

#include <string_view>

namespace pinfer {

extern const std::string_view kBoardScript;

}  // namespace pinfer
