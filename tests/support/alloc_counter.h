// SPDX-License-Identifier: Apache-2.0
// Counts operator new, to prove that a piece of code does not allocate.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pinfer {

// Calls of any operator new since the start: by the calling thread, by all threads. A program that
// calls one of these has its operators new and delete replaced by counting ones (with clang's
// ThreadSanitizer: its calls of malloc are counted).
std::uint64_t thread_allocations() noexcept;
std::uint64_t process_allocations() noexcept;

// The same of the thread of this process with that name (pthread_setname_np), from another one;
// nothing when no such thread lives.
std::optional<std::uint64_t> allocations_of(std::string_view thread_name);

}  // namespace pinfer
