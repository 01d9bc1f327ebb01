// SPDX-License-Identifier: Apache-2.0
// What a file that is no .tflite file seems to be, so that the refusal can say what to do.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace pinfer {

// A sentence without a full stop: "this is a Git LFS pointer, not the model itself: run `git lfs
// pull`". Looks at the first 4 KB only.
std::string describe_foreign_file(std::span<const std::byte> bytes);

}  // namespace pinfer
