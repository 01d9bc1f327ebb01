// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/address.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <vector>

#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

// Where a typing slip is looked up, at most so many names of a folder.
constexpr std::size_t kMaxNames = 1000;

std::string hint(const std::optional<std::string_view>& guess) {
  return guess ? fmt::format(" (did you mean {}?)", *guess) : std::string();
}

std::string nearest_file(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> names;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator it(folder, error), end;
       !error && it != end && names.size() < kMaxNames; it.increment(error))
    names.push_back(it->path().filename().string());
  return hint(nearest(path.filename().string(), names));
}

bool is_device_path(std::string_view path) {
  return path.starts_with("/dev/video") || path.starts_with("/dev/v4l/");
}

Result<SourceAddress> parse_path(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::invalid_argument, "the camera's address names no file");
  if (is_device_path(path)) return SourceAddress{SourceKind::device, path};
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return SourceAddress{SourceKind::pictures, path};
  if (status.type() == fs::file_type::not_found) {
    if (!path.empty() && std::all_of(path.begin(), path.end(), ::isdigit))
      return fail(ErrorCode::invalid_argument,
                  "'{0}' is no camera address (did you mean /dev/video{0}?)", path);
    return fail(ErrorCode::not_found, "{}: no such file or folder{}", path, nearest_file(path));
  }
  if (error) return fail(ErrorCode::io, "{}: {}", path, error.message());
  if (fs::is_character_file(status)) return SourceAddress{SourceKind::device, path};
  if (fs::is_fifo(status))
    return fail(ErrorCode::invalid_argument, "{0}: a named pipe; write it as pipe://{0}", path);
  if (!fs::is_regular_file(status))
    return fail(ErrorCode::invalid_argument, "{}: neither a clip, a picture, a folder nor a camera",
                path);
  return SourceAddress{is_picture_name(path) ? SourceKind::pictures : SourceKind::clip, path};
}

Result<SourceAddress> parse_csi(const std::string& number) {
  const bool digits =
      !number.empty() && number.size() <= 2 && std::all_of(number.begin(), number.end(), ::isdigit);
  if (!digits)
    return fail(ErrorCode::invalid_argument,
                "csi://{}: the camera's number is missing or wrong; the first one is csi://0",
                number);
  return SourceAddress{SourceKind::csi, number};
}

}  // namespace

Result<SourceAddress> parse_source(const std::string& uri) {
  if (uri.empty()) return fail(ErrorCode::invalid_argument, "the camera's address is empty");
  if (uri.find('\0') != std::string::npos)
    return fail(ErrorCode::invalid_argument, "the camera's address holds a NUL");
  if (uri.starts_with("pattern:")) return SourceAddress{SourceKind::pattern, uri.substr(8)};
  if (uri.starts_with("gst:")) {
    if (uri.size() == 4)
      return fail(ErrorCode::invalid_argument, "gst: needs a GStreamer pipeline after the colon");
    return SourceAddress{SourceKind::gst, uri.substr(4)};
  }
  const std::size_t colon = uri.find("://");
  if (colon == std::string::npos) return parse_path(uri);
  const std::string scheme = uri.substr(0, colon);
  const std::string rest = uri.substr(colon + 3);
  if (scheme == "file") return parse_path(rest);
  if (scheme == "v4l2") {
    if (rest.empty() || rest[0] != '/')
      return fail(ErrorCode::invalid_argument, "{}: write it as v4l2:///dev/video0", uri);
    return SourceAddress{SourceKind::device, rest};
  }
  if (scheme == "pipe") {
    if (rest.empty() || rest[0] != '/')
      return fail(ErrorCode::invalid_argument, "{}: write it as pipe:///run/camera.mjpeg", uri);
    return SourceAddress{SourceKind::pipe, rest};
  }
  if (scheme == "csi") return parse_csi(rest);
  constexpr std::array kSchemes = {std::string_view("rtsp"), std::string_view("rtsps"),
                                   std::string_view("http"), std::string_view("https"),
                                   std::string_view("file"), std::string_view("v4l2"),
                                   std::string_view("csi"),  std::string_view("pipe")};
  if (std::find(kSchemes.begin(), kSchemes.begin() + 4, scheme) != kSchemes.begin() + 4) {
    if (rest.empty()) return fail(ErrorCode::invalid_argument, "{}: names no host", uri);
    return SourceAddress{SourceKind::stream, uri};
  }
  return fail(ErrorCode::invalid_argument, "{}://: there is no such kind of camera address{}",
              scheme, hint(nearest(scheme, kSchemes)));
}

std::string without_credentials(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return url;
  const std::size_t host = url.find('/', start + 3);
  const std::size_t at = url.rfind('@', host);
  if (at == std::string::npos || at < start) return url;
  return url.substr(0, start + 3) + url.substr(at + 1);
}

bool is_picture_name(const std::string& name) {
  std::string extension = fs::path(name).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array kExtensions = {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"};
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace pinfer
