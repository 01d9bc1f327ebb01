// SPDX-License-Identifier: Apache-2.0
// Memory that the allocator keeps for later, back to the system.
#pragma once

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace pinfer {

// For the end of set-up, which frees much for good: a system call for each run of free pages.
inline void return_free_memory() noexcept {
#ifdef __GLIBC__
  static_cast<void>(::malloc_trim(0));
#endif
}

}  // namespace pinfer
