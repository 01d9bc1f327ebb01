// SPDX-License-Identifier: Apache-2.0
// The words and packets of an RTSP camera: RTSP 1.0 (RFC 2326) over one TCP connection, JPEG in RTP
// (RFC 2435) interleaved with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinfer::testing {

// The answer to one request, its empty line included. `playing` becomes true with PLAY.
std::string rtsp_answer(std::string_view request, bool& playing);

class RtpJpeg final {
 public:
  // What goes over the connection for one picture: packets so small that the smallest picture takes
  // several. `share` of them, at least one: the rest is lost on the way. What is no JPEG of three
  // components, 4:2:0, becomes the payload of one packet as it is.
  std::vector<std::byte> packets(std::span<const std::byte> jpeg, double share = 1.0);

 private:
  void add(std::vector<std::byte>& out, std::span<const std::byte> payload, bool last);

  std::uint16_t sequence_ = 0;
  std::uint32_t time_ = 0;  // 90 kHz
};

}  // namespace pinfer::testing
