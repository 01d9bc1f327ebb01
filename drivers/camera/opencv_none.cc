// SPDX-License-Identifier: Apache-2.0
// The sources of opencv.cc in a build without OpenCV: known, but refused.
#include "drivers/camera/sources.h"

namespace pinfer {
namespace {

Result<std::unique_ptr<FrameSource>> refuse(const SourceAddress& /*address*/,
                                            const SourceSpec& spec) {
  return fail(ErrorCode::unsupported, "{}: this build has no OpenCV, which reads it",
              without_credentials(spec.uri));
}

}  // namespace

extern const CameraSource device_source, clip_source, stream_source, csi_source, gst_source;
const CameraSource device_source = {SourceKind::device, "device", "not in this build", refuse};
const CameraSource clip_source = {SourceKind::clip, "clip", "not in this build", refuse};
const CameraSource stream_source = {SourceKind::stream, "stream", "not in this build", refuse};
const CameraSource csi_source = {SourceKind::csi, "csi", "not in this build", refuse};
const CameraSource gst_source = {SourceKind::gst, "gst", "not in this build", refuse};

std::string camera_library() { return "built without OpenCV"; }

}  // namespace pinfer
