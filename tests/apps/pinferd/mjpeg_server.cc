// SPDX-License-Identifier: Apache-2.0
#include "tests/apps/pinferd/mjpeg_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/camera/picture.h"

namespace pinfer::testing {
namespace {

constexpr int kWidth = 64, kHeight = 48;
constexpr auto kPeriod = std::chrono::milliseconds(20);
constexpr int kTolerated = 20;  // repeats, 400 ms: nobody can call a camera frozen earlier

// A flat grey picture of `level` with a dot at a place of its own; in colour, as RTP wants it.
std::vector<std::byte> jpeg_of(std::uint8_t level, std::size_t variant) {
  constexpr std::size_t kChannels = 3;
  std::vector<std::uint8_t> pixels(kWidth * kHeight * kChannels, level);
  for (std::size_t y = 8; y < 16; ++y)
    for (std::size_t x = 0; x < 4 * kChannels; ++x)
      pixels[(y * kWidth + variant * 4) * kChannels + x] = static_cast<std::uint8_t>(level ^ 0x40U);
  Frame frame;
  frame.data = pixels.data();
  frame.width = kWidth;
  frame.height = kHeight;
  frame.stride = kWidth * kChannels;
  frame.format = PixelFormat::bgr8;
  auto jpeg = encode_jpeg(frame, 90);
  EXPECT_TRUE(jpeg);
  return jpeg ? std::move(*jpeg) : std::vector<std::byte>{};
}

}  // namespace

bool can_encode() {
  const std::uint8_t pixel = 0;
  Frame frame;
  frame.data = &pixel;
  frame.width = frame.height = 1;
  frame.stride = 1;
  frame.format = PixelFormat::gray8;
  return encode_jpeg(frame, 90).has_value();
}

MjpegServer::MjpegServer(Wire wire) : wire_(wire) {
  draw();
  listen();
  thread_ = std::thread([this] { run(); });
}

MjpegServer::MjpegServer(const std::string& pipe) : wire_(Wire::pipe), pipe_(pipe) {
  draw();
  EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  thread_ = std::thread([this] { run(); });
}

void MjpegServer::draw() {
  for (std::size_t i = 0; i < kVariants; ++i) {
    bright_jpegs_[i] = jpeg_of(210, i);
    dark_jpegs_[i] = jpeg_of(40, i);
  }
}

MjpegServer::~MjpegServer() {
  stop_ = true;
  thread_.join();
  if (listener_ >= 0) ::close(listener_);
}

std::string MjpegServer::address() const {
  if (wire_ == Wire::pipe) return "pipe://" + pipe_;
  return fmt::format("{}://127.0.0.1:{}/", wire_ == Wire::http ? "http" : "rtsp", port_);
}

void MjpegServer::set(Stream mode) {
  const std::lock_guard lock(mutex_);
  modes_.emplace_back(MonotonicTime::now(), mode);
  mode_ = mode;
}

Stream MjpegServer::mode_at(MonotonicTime time) const {
  const std::lock_guard lock(mutex_);
  Stream mode = Stream::live;
  for (const auto& [since, set] : modes_)
    if (since <= time) mode = set;
  return mode;
}

std::vector<Taken> MjpegServer::bright() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

// The same port again after `gone`.
void MjpegServer::listen() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener_, generic, sizeof(address)), 0);
  EXPECT_EQ(::listen(listener_, 4), 0);
  socklen_t size = sizeof(address);
  ::getsockname(listener_, generic, &size);
  port_ = ntohs(address.sin_port);
}

// A descriptor to write to, or -1 after a moment.
int MjpegServer::wait_for_viewer() {
  if (wire_ == Wire::pipe) {
    // Who reads a pipe does not notice a writer that is replaced at once.
    if (mode_ == Stream::hung_up) std::this_thread::sleep_for(std::chrono::seconds(1));
    const int writer = ::open(pipe_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (writer < 0) std::this_thread::sleep_for(kPeriod);
    return writer;
  }
  if (listener_ < 0) listen();
  pollfd ready{listener_, POLLIN, 0};
  if (::poll(&ready, 1, 20) != 1) return -1;
  return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
}

void MjpegServer::run() {
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (!stop_) {
    if (mode_ == Stream::gone) {
      if (listener_ >= 0) ::close(listener_);
      listener_ = -1;
      std::this_thread::sleep_for(kPeriod);
      continue;
    }
    const int client = wait_for_viewer();
    if (client < 0) continue;
    if (mode_ == Stream::hung_up) mode_ = Stream::live;
    serve(client);
    ::close(client);
  }
}

bool MjpegServer::greet(int client) {
  if (wire_ == Wire::pipe) return true;
  if (wire_ == Wire::rtsp) return greet_rtsp(client);
  std::array<char, 4096> request{};
  if (::recv(client, request.data(), request.size(), 0) <= 0) return false;
  const std::string head =
      "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";
  return send_all(client, head.data(), head.size());
}

// What the viewer says once it plays (that it still lives) stays unread.
bool MjpegServer::greet_rtsp(int client) {
  std::string heard;
  std::array<char, 4096> part{};
  bool playing = false;
  while (!playing && !stop_) {
    pollfd ready{client, POLLIN, 0};
    if (::poll(&ready, 1, 20) != 1) continue;
    const ssize_t size = ::recv(client, part.data(), part.size(), 0);
    if (size <= 0) return false;
    heard.append(part.data(), static_cast<std::size_t>(size));
    for (std::size_t end = 0; (end = heard.find("\r\n\r\n")) != std::string::npos;) {
      const std::string answer = rtsp_answer(std::string_view(heard).substr(0, end + 2), playing);
      if (!send_all(client, answer.data(), answer.size())) return false;
      heard.erase(0, end + 4);
    }
  }
  return playing;
}

void MjpegServer::serve(int client) {
  if (!greet(client)) return;
  std::vector<std::byte> noise(2000);
  for (bool alive = true; alive && !stop_; std::this_thread::sleep_for(kPeriod)) {
    const Stream mode = mode_;
    while (alive && mode != Stream::late && !waiting_.empty()) {
      alive = send_picture(client, *waiting_.front());
      waiting_.pop_front();
      ++late_;
    }
    const std::size_t now = next_++ % kVariants;
    const MonotonicTime taken = MonotonicTime::now();
    const bool bright = bright_;
    const Jpeg& picture = (bright ? bright_jpegs_ : dark_jpegs_)[now];
    switch (mode) {
      case Stream::live:
        last_ = &picture;
        last_bright_ = bright;
        repeats_ = 0;
        alive = alive && send_picture(client, picture);
        note(bright, taken);
        break;
      case Stream::stalled:
        break;
      case Stream::gone:
      case Stream::hung_up:
        return;
      case Stream::halves:
        alive = alive && send_picture(client, bright_jpegs_[now], 0.5);
        ++damaged_;
        break;
      case Stream::garbage:
        for (std::size_t i = 0; i < noise.size(); ++i)
          noise[i] = static_cast<std::byte>((i + next_) * 2654435761U >> 13U);
        alive = alive && send_picture(client, noise);
        ++damaged_;
        break;
      case Stream::frozen:
        alive = alive && last_ != nullptr && send_picture(client, *last_);
        if (++repeats_ <= kTolerated) note(last_bright_, taken);
        break;
      case Stream::late:
        waiting_.push_back(&picture);
        note(bright, taken);
        break;
    }
  }
  waiting_.clear();
}

void MjpegServer::note(bool bright, MonotonicTime from) {
  if (!bright) return;
  const std::lock_guard lock(mutex_);
  notes_.push_back({from, MonotonicTime::now()});
}

bool MjpegServer::send_picture(int client, std::span<const std::byte> jpeg, double share) {
  if (wire_ == Wire::rtsp) {
    const std::vector<std::byte> packets = rtp_.packets(jpeg, share);
    return send_all(client, packets.data(), packets.size());
  }
  const auto size = static_cast<std::size_t>(static_cast<double>(jpeg.size()) * share);
  if (wire_ == Wire::pipe) return send_all(client, jpeg.data(), size);
  const std::string head =
      fmt::format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", size);
  return send_all(client, head.data(), head.size()) && send_all(client, jpeg.data(), size) &&
         send_all(client, "\r\n", 2);
}

bool MjpegServer::send_all(int client, const void* data, std::size_t size) {
  const auto* at = static_cast<const char*>(data);
  while (size > 0 && !stop_) {
    pollfd ready{client, POLLOUT, 0};
    if (::poll(&ready, 1, 20) != 1) continue;
    const ssize_t sent = ::write(client, at, size);
    if (sent <= 0) return false;
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return !stop_;
}

}  // namespace pinfer::testing
