// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/device_memory.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <vector>

namespace pinfer {
namespace {

namespace fs = std::filesystem;

fs::path names_folder(const std::string& dev) { return fs::path(dev) / "v4l" / "by-id"; }

// Shared by the copies of one opener; a hung call may still be in one of them.
struct Memory {
  std::mutex mutex;
  std::string name;  // of the camera that was opened first
};

}  // namespace

std::string stable_device_name(const std::string& path, const std::string& dev) {
  std::error_code error;
  const fs::path device = fs::canonical(path, error);
  if (error) return {};
  std::vector<std::string> names;
  for (fs::directory_iterator it(names_folder(dev), error), end; !error && it != end;
       it.increment(error)) {
    std::error_code broken;
    if (fs::canonical(it->path(), broken) == device && !broken)
      names.push_back(it->path().filename().string());
  }
  // One device may have two names; any will do, but always the same.
  return names.empty() ? std::string() : *std::min_element(names.begin(), names.end());
}

std::string find_device(const std::string& stable_name, const std::string& dev) {
  std::error_code error;
  const fs::path device = fs::canonical(names_folder(dev) / stable_name, error);
  return error ? std::string() : device.string();
}

SourceOpener remembering_opener(
    SourceSpec spec, std::function<Result<std::unique_ptr<FrameSource>>(const SourceSpec&)> open,
    std::string dev) {
  return [spec = std::move(spec), open = std::move(open), dev = std::move(dev),
          memory = std::make_shared<Memory>()]() -> Result<std::unique_ptr<FrameSource>> {
    const auto address = parse_source(spec.uri);
    if (!address || address->kind != SourceKind::device) return open(spec);
    std::string name;
    {
      const std::lock_guard lock(memory->mutex);
      name = memory->name;
    }
    SourceSpec now = spec;
    if (!name.empty()) {
      const std::string device = find_device(name, dev);
      if (device.empty()) {
        const std::string other = stable_device_name(address->location, dev);
        return fail(ErrorCode::not_found, "{}: the camera {} is not there{}", address->location,
                    name, other.empty() ? "" : "; " + other + " is another one");
      }
      now.uri = device;
    }
    auto source = open(now);
    if (source && name.empty()) {
      const std::lock_guard lock(memory->mutex);
      memory->name = stable_device_name(address->location, dev);
    }
    return source;
  };
}

}  // namespace pinfer
