// SPDX-License-Identifier: Apache-2.0
// `--input`: which file goes into which input of the model.
#pragma once

#include <string>
#include <vector>

#include "runtime/session/session.h"

namespace pinfer {

// One path for each input of the model. `given` holds NAME=PATH or plain PATH; plain ones fill the
// inputs that no name takes, in order. Errors (invalid_argument) name the input and, for a mistyped
// name, the nearest one.
Result<std::vector<std::string>> assign_inputs(const Session& session,
                                               const std::vector<std::string>& given);

// Copies an .npy file into an input; type and number of elements must agree.
Result<void> fill_from_npy(const std::string& path, const Tensor& input);

}  // namespace pinfer
