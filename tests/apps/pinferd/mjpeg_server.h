// SPDX-License-Identifier: Apache-2.0
// MjpegServer: a camera on the network (motion JPEG over HTTP or RTSP, one viewer) or a program
// that writes motion JPEG to a named pipe; it can stall, lie, hang up and come back.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "runtime/core/clock.h"
#include "tests/apps/pinferd/rtsp_wire.h"

namespace pinfer::testing {

// Without OpenCV there are no pictures to send.
bool can_encode();

enum class Stream : std::uint8_t {
  live,     // a picture every 20 ms
  stalled,  // the connection stays, nothing comes
  gone,     // hung up, connections refused
  hung_up,  // hung up once; then live
  halves,   // JPEGs cut in the middle
  garbage,  // noise where JPEGs should be
  frozen,   // the last picture again and again
  late,     // pictures wait in the network; the next mode sends them all at once first
};

// When a picture was taken and given to the network: after `from`, before `until`. A camera that
// gets no processor in between is a slow camera, which nobody can tell from outside.
struct Taken {
  MonotonicTime from, until;
};

enum class Wire : std::uint8_t { http, rtsp, pipe };

class MjpegServer final {
 public:
  explicit MjpegServer(Wire wire);                // on a port of its own
  explicit MjpegServer(const std::string& pipe);  // a named pipe that it makes at this path
  MjpegServer(const MjpegServer&) = delete;
  MjpegServer& operator=(const MjpegServer&) = delete;
  ~MjpegServer();

  [[nodiscard]] std::string address() const;
  void set(Stream mode);
  void set_bright(bool bright) { bright_ = bright; }

  // The bright pictures that are sent whole, in their order. Those of `late` wait after `until`.
  [[nodiscard]] std::vector<Taken> bright() const;
  // What the camera did at that time.
  [[nodiscard]] Stream mode_at(MonotonicTime time) const;
  [[nodiscard]] std::uint64_t damaged() const { return damaged_; }
  [[nodiscard]] std::uint64_t late() const { return late_; }

 private:
  using Jpeg = std::vector<std::byte>;
  static constexpr std::size_t kVariants = 16;  // neighbours differ

  void draw();
  void listen();
  void run();
  int wait_for_viewer();
  bool greet(int client);
  bool greet_rtsp(int client);
  void serve(int client);
  void note(bool bright, MonotonicTime from);
  // `share` of the picture: the rest does not arrive.
  bool send_picture(int client, std::span<const std::byte> jpeg, double share = 1.0);
  bool send_all(int client, const void* data, std::size_t size);

  std::array<Jpeg, kVariants> bright_jpegs_, dark_jpegs_;
  std::size_t next_ = 0;
  const Jpeg* last_ = nullptr;
  bool last_bright_ = false;
  int repeats_ = 0;  // of last_
  std::deque<const Jpeg*> waiting_;
  std::atomic<Stream> mode_{Stream::live};
  std::atomic<bool> bright_{true}, stop_{false};
  std::atomic<std::uint64_t> damaged_{0}, late_{0};
  mutable std::mutex mutex_;
  std::vector<Taken> notes_;
  std::vector<std::pair<MonotonicTime, Stream>> modes_;
  Wire wire_;
  RtpJpeg rtp_;
  std::string pipe_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::thread thread_;
};

}  // namespace pinfer::testing
