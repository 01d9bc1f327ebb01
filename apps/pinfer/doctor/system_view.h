// SPDX-License-Identifier: Apache-2.0
// SystemView: the files and answers of a machine; of this one, or of a folder that describes one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pinfer {

struct DiskSpace {
  std::uint64_t total = 0;  // bytes
  std::uint64_t free = 0;   // bytes, for users that are not root
};

struct CameraFormat {
  std::string code;  // "MJPG", "YUYV"
  int width = 0;     // of a camera with steps: the largest
  int height = 0;
  bool any_size_below = false;  // every size up to this one, not just this one
};

// Paths are absolute, as on the machine itself. What only a system call tells (the date, free
// space, formats of a camera) is in <root>/probe when a folder is looked at: lines such as
//   now 1764072653
//   disk /var/lib/pinfer 31000000000 12000000000
//   camera /dev/video0 MJPG 1280x720
class SystemView final {
 public:
  // "" or "/": this machine.
  explicit SystemView(std::string root);

  [[nodiscard]] bool live() const noexcept { return root_.empty(); }
  // Where the file is for this process.
  [[nodiscard]] std::string place(const std::string& path) const { return root_ + path; }

  // The first 256 KiB; nothing when it cannot be read.
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
  // Its first line without the end, which may be a NUL; "" when there is none.
  [[nodiscard]] std::string line(const std::string& path) const;
  // Its first line as a number; `base` 10 or 16, with or without 0x.
  [[nodiscard]] std::optional<std::int64_t> number(const std::string& path, int base = 10) const;
  // Names in a folder, sorted; empty when it cannot be read.
  [[nodiscard]] std::vector<std::string> list(const std::string& folder) const;
  [[nodiscard]] bool exists(const std::string& path) const;
  [[nodiscard]] std::optional<unsigned> mode(const std::string& path) const;  // permission bits

  [[nodiscard]] std::int64_t now() const;  // seconds since 1970; 0: not known
  // Of the file system that holds `path`, or the nearest folder above it that is there.
  [[nodiscard]] std::optional<DiskSpace> disk(const std::string& path) const;
  [[nodiscard]] std::vector<CameraFormat> camera_formats(const std::string& device) const;

 private:
  // The words after `key` of each line of <root>/probe that starts with it.
  [[nodiscard]] std::vector<std::vector<std::string>> probe(const std::string& key) const;

  std::string root_;
};

// The formats that a V4L2 device of this machine lists; empty when it cannot be asked.
std::vector<CameraFormat> read_camera_formats(const std::string& device);

// "a b  c" -> {"a", "b", "c"}
std::vector<std::string> words_of(const std::string& text);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace pinfer
