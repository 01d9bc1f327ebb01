// SPDX-License-Identifier: Apache-2.0
// The camera: is it there, may it be read this way, does it offer the size?
#include <algorithm>
#include <array>
#include <set>

#include "apps/pinfer/doctor/inspection.h"

namespace pinfer {
namespace {

constexpr std::string_view kClass = "/sys/class/video4linux/";
constexpr std::string_view kV4l2 = "v4l2://";

// Nodes of the board's own camera receiver: raw sensor data, or none at all without a media graph.
constexpr std::array<std::string_view, 3> kRawReceivers = {"unicam", "rp1-cfe", "vi-output"};
// Nodes that are no cameras: codecs, image processors.
constexpr std::array<std::string_view, 4> kNoCameras = {"bcm2835-codec", "bcm2835-isp", "pispbe",
                                                        "rpi-hevc"};

bool starts_with_one(const std::string& name, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.starts_with(word); });
}

std::string name_of(const Inspection& in, const std::string& node) {
  return in.system.line(std::string(kClass) + node + "/name");
}

std::string cameras_here(const Inspection& in) {
  std::string names;
  std::set<std::string> seen;  // a USB camera has a second node for its metadata
  for (const std::string& node : in.system.list(std::string(kClass))) {
    const std::string name = name_of(in, node);
    if (!node.starts_with("video") || starts_with_one(name, kNoCameras)) continue;
    if (!seen.insert(name).second) continue;
    names += fmt::format("{}/dev/{} ({})", names.empty() ? "" : ", ", node, name);
  }
  return names;
}

void check_csi(const Inspection& in, Findings& out) {
  const BoardCameras& cameras = in.board.cameras;
  if (cameras.connectors == 0) {
    out.push_back({FindingId::camera_device, FindingSeverity::danger,
                   in.board.name + " has no camera connector", "", "use a USB camera", ""});
    return;
  }
  if (cameras.plugin.empty()) {
    out.push_back({FindingId::camera_device, FindingSeverity::note,
                   "how cameras on the connector of this board are read is not known", "", "", ""});
    return;
  }
  const std::string file = "libgst" + cameras.plugin + ".so";
  for (const char* folder : {"/usr/lib/aarch64-linux-gnu/gstreamer-1.0/",
                             "/usr/lib/arm-linux-gnueabihf/gstreamer-1.0/"}) {
    if (!in.system.exists(folder + file)) continue;
    out.push_back({FindingId::camera_device, FindingSeverity::ok,
                   fmt::format("the GStreamer plugin {} for {} is there", cameras.plugin,
                               in.config->camera.source),
                   "", "", ""});
    return;
  }
  out.push_back({FindingId::camera_device, FindingSeverity::danger,
                 fmt::format("{} needs the GStreamer plugin {}, which is not installed",
                             in.config->camera.source, cameras.plugin),
                 "",
                 cameras.plugin == "libcamera" ? "apt install gstreamer1.0-libcamera"
                                               : "install the multimedia packages of JetPack",
                 ""});
}

void check_format(const Inspection& in, const std::string& device, Findings& out) {
  const std::vector<CameraFormat> formats = in.system.camera_formats(device);
  const CameraConfig& asked = in.config->camera;
  if (formats.empty()) {
    out.push_back({FindingId::camera_format, FindingSeverity::note,
                   device + " does not tell its formats", "it may be in use, or need group video",
                   "", ""});
    return;
  }
  std::string list;
  bool offered = asked.width == 0 || asked.height == 0;
  for (const CameraFormat& format : formats) {
    const bool fits = format.any_size_below
                          ? asked.width <= format.width && asked.height <= format.height
                          : asked.width == format.width && asked.height == format.height;
    offered = offered || fits;
    list += fmt::format("{}{} {}{}x{}", list.empty() ? "" : ", ", format.code,
                        format.any_size_below ? "up to " : "", format.width, format.height);
  }
  Finding finding{FindingId::camera_format,
                  FindingSeverity::ok,
                  fmt::format("{} offers {}", device, list),
                  "",
                  "",
                  ""};
  if (!offered) {
    finding.severity = FindingSeverity::warning;
    finding.what = fmt::format("{} does not offer {}x{}", device, asked.width, asked.height);
    finding.why = "it offers " + list;
    finding.todo = "set camera.width and camera.height to one of these";
  }
  out.push_back(std::move(finding));
}

void check_node(const Inspection& in, const std::string& device, Findings& out) {
  if (!in.system.exists(device)) {
    const std::string here = cameras_here(in);
    out.push_back({FindingId::camera_device, FindingSeverity::danger,
                   fmt::format("the camera {} is not there", device),
                   here.empty() ? "no camera is" : "cameras here: " + here,
                   "plug it in, or name it by its /dev/v4l/by-id/ path", ""});
    return;
  }
  const std::string name = name_of(in, device.substr(device.rfind('/') + 1));
  if (starts_with_one(name, kRawReceivers)) {
    out.push_back({FindingId::camera_device, FindingSeverity::danger,
                   fmt::format("{} ({}) gives the sensor's raw data, not pictures", device, name),
                   "the board's own cameras are read through " + in.board.cameras.plugin,
                   "set camera.source: csi://0", ""});
    return;
  }
  if (starts_with_one(name, kNoCameras)) {
    out.push_back({FindingId::camera_device, FindingSeverity::danger,
                   fmt::format("{} ({}) is no camera", device, name),
                   "cameras here: " + cameras_here(in), "set camera.source to one of these", ""});
    return;
  }
  out.push_back(
      {FindingId::camera_device, FindingSeverity::ok,
       fmt::format("the camera {} is there{}", device, name.empty() ? "" : " (" + name + ")"), "",
       "", ""});
  check_format(in, device, out);
}

}  // namespace

void check_cameras(const Inspection& in, Findings& out) {
  if (!in.config) {
    const std::string here = cameras_here(in);
    out.push_back({FindingId::camera_device,
                   here.empty() ? FindingSeverity::note : FindingSeverity::ok,
                   here.empty() ? "no camera is connected" : "cameras here: " + here, "", "", ""});
    return;
  }
  std::string source = in.config->camera.source;
  if (source.starts_with("csi://")) {
    check_csi(in, out);
    return;
  }
  if (source.starts_with(kV4l2)) source.erase(0, kV4l2.size());
  if (!source.empty() && std::all_of(source.begin(), source.end(), ::isdigit))
    source = "/dev/video" + source;
  if (source.starts_with("/dev/")) check_node(in, source, out);
}

}  // namespace pinfer
