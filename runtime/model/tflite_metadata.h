// SPDX-License-Identifier: Apache-2.0
// Metadata of a .tflite file: labels and normalisation.
#pragma once

#include "runtime/model/model.h"
#include "runtime/model/tflite_source.h"

namespace pinfer {

// Never fails: metadata only describes, so what is damaged or too large is left out and the model
// still runs. Nothing of it sizes anything but itself.
Metadata read_metadata(const TfliteSource& source);

}  // namespace pinfer
