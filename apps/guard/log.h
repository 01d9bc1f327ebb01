// SPDX-License-Identifier: Apache-2.0
// say(): one line on stderr, without heap, and never waiting for whoever reads it.
#pragma once

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace pinfer {

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  std::array<char, 512> line;
  constexpr std::size_t kRoom = line.size() - 1;
  const auto end = fmt::format_to_n(line.data(), kRoom, format, std::forward<Args>(args)...);
  const std::size_t size = std::min(end.size, kRoom);
  line[size] = '\n';
  // A journal that hangs must not hold up a line that has to go safe.
  pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&ready, 1, 0) == 1) static_cast<void>(!::write(STDERR_FILENO, line.data(), size + 1));
}

}  // namespace pinfer
