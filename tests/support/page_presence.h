// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "runtime/core/unique_fd.h"

namespace pinfer::test {

// Whether a page is in this process's memory: bit 63 of its entry in /proc/self/pagemap.
inline bool is_present(const std::byte* address) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const UniqueFd map(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  std::uint64_t entry = 0;
  const std::size_t at = reinterpret_cast<std::uintptr_t>(address) / page * sizeof entry;
  return ::pread(map.get(), &entry, sizeof entry, static_cast<off_t>(at)) == sizeof entry &&
         entry >> 63 != 0;
}

}  // namespace pinfer::test
