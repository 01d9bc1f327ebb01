// SPDX-License-Identifier: Apache-2.0
// A chain: a convolution and the depthwise convolution that reads it, block of channels by block of
// channels and few rows at a time, so that what lies between them never leaves the first cache;
// then the 1x1 convolution and the addition that follow, by the thread that has made their rows.
//
// - Threads share rows where there are more pixels than channels: one loop for all steps, and the
//   convolution computes the rows around each part once more. Else they share channels.
// - Integers only, so every split gives the same bytes.
#pragma once

#include <memory>
#include <span>

#include "runtime/ops/step.h"

namespace pinfer {

// CONV_2D, DEPTHWISE_CONV_2D [, CONV_2D [, ADD]]: each reads the output of the one before, which
// nobody else reads. Null where their kernels or sizes do not suit, or nothing is won. The steps
// outlive the chain.
std::unique_ptr<Step> chain_steps(std::span<const Step* const> steps);

}  // namespace pinfer
