// SPDX-License-Identifier: Apache-2.0
// Why a V4L2 device cannot be used, in words: OpenCV only says no.
#pragma once

#include <string>

#include "runtime/core/result.h"

namespace pinfer {

// Before opening: is `path` there, is it allowed, does it capture pictures? Errors: not_found (with
// the cameras that are there), refused (with the group to join), invalid_argument (no camera).
Result<void> check_capture_device(const std::string& path);

// After a failed opening: unavailable (somebody else streams from it), else io.
Error explain_capture_failure(const std::string& path);

}  // namespace pinfer
