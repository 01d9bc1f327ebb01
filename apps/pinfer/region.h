// SPDX-License-Identifier: Apache-2.0
// enter_region: tells an instruction counter that what follows is another part of the program.
//
// On aarch64 it executes `hint #80+N`, a no-op of the hardware that bench/arm-insns sees under
// qemu-aarch64; on other machines it is nothing.
#pragma once

namespace pinfer {

// Before the first mark: start-up and load.
enum class Region : int { first_runs = 1, timed_runs = 2, after = 3 };

template <Region region>
inline void enter_region() noexcept {
#if defined(__aarch64__)
  asm volatile("hint %0" : : "i"(80 + static_cast<int>(region)) : "memory");
#endif
}

}  // namespace pinfer
