// SPDX-License-Identifier: Apache-2.0
#include "drivers/camera/opencv_library.h"

#include <algorithm>
#include <string_view>

#include "drivers/camera/address.h"
#include "runtime/core/plugin_file.h"

namespace pinfer {
namespace {

// "libopencv-videoio406" where the loader misses libopencv_videoio.so.406: Debian's names.
std::string package_of(std::string_view why) {
  const std::size_t begin = why.find("libopencv_");
  const std::size_t end = why.find(".so.", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  std::string package(why.substr(begin, end - begin));
  std::replace(package.begin(), package.end(), '_', '-');
  for (const char c : why.substr(end + 4)) {
    if (c < '0' || c > '9') break;
    package += c;
  }
  return package;
}

}  // namespace

Result<const cv_abi::PluginTable*> opencv_table() {
  const auto folder = PluginFile::folder();
  if (!folder) return fail(folder.error().code, "OpenCV: {}", folder.error().message);
  const std::filesystem::path path = *folder / cv_abi::kFileName;
  const auto loaded = PluginFile::load(path, cv_abi::kEntryName);
  if (!loaded) {
    const std::string package = package_of(loaded.error().message);
    return fail(loaded.error().code, "OpenCV: {}{}{}", loaded.error().message,
                package.empty() ? "" : "; apt install ", package);
  }
  const auto* table = static_cast<const cv_abi::PluginTable*>(*loaded);
  if (table->abi_version != cv_abi::kAbiVersion)
    return fail(ErrorCode::unavailable,
                "OpenCV: {} speaks version {} of the interface, this program {}: install both from "
                "the same build",
                path.string(), table->abi_version, cv_abi::kAbiVersion);
  return table;
}

Result<OpenCvCapture> OpenCvCapture::open(const Request& request) {
  PINFER_TRY(const cv_abi::PluginTable* table, opencv_table());
  cv_abi::Sentence why;
  cv_abi::Capture* const capture =
      table->open(request.target.c_str(), request.reader, request.timeout_ms, &why);
  if (capture != nullptr) return OpenCvCapture(table, capture);
  const std::string target = without_credentials(request.target);
  if (why.text[0] != '\0') return fail(ErrorCode::io, "{}: {}", target, why.text);
  return fail(ErrorCode::unavailable, "{}: OpenCV cannot open it", target);
}

cv_abi::Outcome OpenCvCapture::retrieve(Frame& frame) noexcept {
  cv_abi::PictureView picture;
  const cv_abi::Outcome outcome = table_->retrieve(capture_.get(), &picture);
  if (outcome != cv_abi::Outcome::ok) return outcome;
  frame.data = picture.data;
  frame.width = picture.width;
  frame.height = picture.height;
  frame.stride = picture.stride;
  frame.format = picture.channels == 1 ? PixelFormat::gray8 : PixelFormat::bgr8;
  return outcome;
}

}  // namespace pinfer
