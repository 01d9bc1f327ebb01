// SPDX-License-Identifier: Apache-2.0
#include "tests/apps/pinferd/rtsp_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace pinfer::testing {
namespace {

constexpr std::size_t kScanBytes = 48;        // of a picture in one packet
constexpr std::uint32_t kTicks = 90000 / 50;  // between pictures
constexpr std::uint8_t kJpegPayload = 26;

struct Picture {
  std::array<std::span<const std::byte>, 2> tables;  // of quantization, 64 bytes each
  std::uint8_t width = 0, height = 0;                // in blocks of 8
  std::span<const std::byte> scan;
};

unsigned byte_at(std::span<const std::byte> data, std::size_t at) {
  return std::to_integer<unsigned>(data[at]);
}

// Both tables may stand in one segment.
bool read_tables(std::span<const std::byte> segment, Picture& picture) {
  while (!segment.empty()) {
    const unsigned id = byte_at(segment, 0);
    if (id > 1 || segment.size() < 65) return false;
    picture.tables[id] = segment.subspan(1, 64);
    segment = segment.subspan(65);
  }
  return true;
}

bool read_frame(std::span<const std::byte> segment, Picture& picture) {
  constexpr unsigned kHalved = 0x22;  // luma has two samples in each direction for one of chroma
  if (segment.size() < 15 || byte_at(segment, 5) != 3 || byte_at(segment, 7) != kHalved)
    return false;
  const auto blocks = [&](std::size_t at) {
    return static_cast<std::uint8_t>((byte_at(segment, at) * 256 + byte_at(segment, at + 1)) / 8);
  };
  picture.height = blocks(1);
  picture.width = blocks(3);
  return true;
}

std::optional<Picture> read_jpeg(std::span<const std::byte> jpeg) {
  constexpr unsigned kTables = 0xdb, kBaseline = 0xc0, kScan = 0xda;
  Picture picture;
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && byte_at(jpeg, at) == 0xff) {
    const unsigned marker = byte_at(jpeg, at + 1);
    const std::size_t size = byte_at(jpeg, at + 2) * 256 + byte_at(jpeg, at + 3);
    if (size < 2 || at + 2 + size > jpeg.size()) break;
    const auto segment = jpeg.subspan(at + 4, size - 2);
    at += 2 + size;
    if (marker == kTables && !read_tables(segment, picture)) break;
    if (marker == kBaseline && !read_frame(segment, picture)) break;
    if (marker != kScan) continue;
    if (picture.width == 0 || picture.tables[0].empty() || picture.tables[1].empty()) break;
    picture.scan = jpeg.subspan(at);
    return picture;
  }
  return std::nullopt;
}

void put(std::vector<std::byte>& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::byte>(value >> static_cast<unsigned>(shift) & 0xffU));
}

void put(std::vector<std::byte>& out, std::span<const std::byte> data) {
  out.insert(out.end(), data.begin(), data.end());
}

}  // namespace

std::string rtsp_answer(std::string_view request, bool& playing) {
  const std::string_view verb = request.substr(0, request.find(' '));
  const std::size_t name = request.find("CSeq:");
  const std::size_t end = request.find("\r\n", name);
  std::string answer = "RTSP/1.0 200 OK\r\n";
  if (name != std::string_view::npos)
    answer += fmt::format("{}\r\n", request.substr(name, end - name));
  std::string body;
  if (verb == "OPTIONS") answer += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n";
  if (verb == "DESCRIBE") {
    body =
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\na=control:track0\r\n";
    answer += fmt::format("Content-Type: application/sdp\r\nContent-Length: {}\r\n", body.size());
  }
  if (verb == "SETUP") answer += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
  if (verb == "SETUP" || verb == "PLAY") answer += "Session: 1\r\n";
  playing = playing || verb == "PLAY";
  return answer + "\r\n" + body;
}

void RtpJpeg::add(std::vector<std::byte>& out, std::span<const std::byte> payload, bool last) {
  constexpr std::size_t kRtpHeader = 12;
  put(out, '$', 1);
  put(out, 0, 1);  // the channel of SETUP
  put(out, kRtpHeader + payload.size(), 2);
  put(out, 0x80, 1);
  put(out, (last ? 0x80U : 0U) | kJpegPayload, 1);
  put(out, sequence_++, 2);
  put(out, time_, 4);
  put(out, 1, 4);  // who sends
  put(out, payload);
}

std::vector<std::byte> RtpJpeg::packets(std::span<const std::byte> jpeg, double share) {
  std::vector<std::byte> out;
  time_ += kTicks;
  const auto picture = read_jpeg(jpeg);
  if (!picture) {
    add(out, jpeg, true);
    return out;
  }
  const auto scan = picture->scan;
  const std::size_t count = (scan.size() + kScanBytes - 1) / kScanBytes;
  const auto sent = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::floor(static_cast<double>(count) * share)));
  for (std::size_t i = 0; i < sent; ++i) {
    const std::size_t offset = i * kScanBytes;
    std::vector<std::byte> payload;
    put(payload, offset, 4);  // the first byte, for the type's own use, is 0
    put(payload, 1, 1);       // 4:2:0
    put(payload, 255, 1);     // tables follow
    put(payload, picture->width, 1);
    put(payload, picture->height, 1);
    if (i == 0) {
      put(payload, 0, 2);
      put(payload, 128, 2);
      for (const auto table : picture->tables) put(payload, table);
    }
    put(payload, scan.subspan(offset, std::min(kScanBytes, scan.size() - offset)));
    add(out, payload, i + 1 == count);
  }
  return out;
}

}  // namespace pinfer::testing
