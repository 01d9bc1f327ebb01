// SPDX-License-Identifier: Apache-2.0
// Status: the one-byte result of everything on the hot path.
#pragma once

#include <cstdint>
#include <string_view>

namespace pinfer {

enum class [[nodiscard]] Status : std::uint8_t{
    ok,
    bad_index,      // a run-time index tensor points outside its table (rule V7)
    bad_value,      // a run-time value makes the operation meaningless
    backend_fault,  // the device or its driver failed
    cancelled,      // asked to stop
    timeout,        // nothing came before the deadline
    end,            // the source has no more frames
};

constexpr std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::bad_index:
      return "index tensor out of range";
    case Status::bad_value:
      return "value out of range";
    case Status::backend_fault:
      return "backend fault";
    case Status::cancelled:
      return "cancelled";
    case Status::timeout:
      return "timeout";
    case Status::end:
      return "end of stream";
  }
  return "unknown";
}

}  // namespace pinfer
