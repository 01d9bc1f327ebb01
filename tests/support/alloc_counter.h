// SPDX-License-Identifier: Apache-2.0
// Counts operator new, to prove that a piece of code does not allocate.
#pragma once

#include <cstdint>

namespace pinfer {

// Calls of any operator new since the start: by the calling thread, by all threads. A program that
// calls one of these has its operators new and delete replaced by counting ones.
std::uint64_t thread_allocations() noexcept;
std::uint64_t process_allocations() noexcept;

}  // namespace pinfer
