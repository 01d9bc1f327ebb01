// SPDX-License-Identifier: Apache-2.0
// Finds a camera again that comes back under another number: /dev/video0 today, /dev/video2 after
// the plug was pulled.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/camera/capture.h"
#include "drivers/camera/sources.h"

namespace pinfer {

// The name that udev gives a device for what it is, not for when it came: "usb-Maker_Camera_0042-
// video-index0", the link in <dev>/v4l/by-id that leads to `path`. Empty: there is none.
std::string stable_device_name(const std::string& path, const std::string& dev = "/dev");

// The device that has this name now; empty: it is not there.
std::string find_device(const std::string& stable_name, const std::string& dev = "/dev");

// create_source() with a memory, to be given to Capture. Once a camera has been opened, only the
// same one will do: it is looked for under its name. Errors besides those of create_source():
// not_found, when another camera stands in its place.
SourceOpener remembering_opener(
    SourceSpec spec,
    std::function<Result<std::unique_ptr<FrameSource>>(const SourceSpec&)> open = create_source,
    std::string dev = "/dev");

}  // namespace pinfer
