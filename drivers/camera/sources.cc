// SPDX-License-Identifier: Apache-2.0
// Expands sources.inc: the only place that does.
#include "drivers/camera/sources.h"

#include <array>

namespace pinfer {

#define PINFER_CAMERA_SOURCE(file, symbol) extern const CameraSource symbol;
#include "drivers/camera/sources.inc"
#undef PINFER_CAMERA_SOURCE

namespace {

constexpr std::array kSources = {
#define PINFER_CAMERA_SOURCE(file, symbol) &symbol,
#include "drivers/camera/sources.inc"
#undef PINFER_CAMERA_SOURCE
};

Result<void> check_spec(const SourceSpec& spec) {
  constexpr int kMaxSide = 16384;
  constexpr double kMaxFps = 1000.0;
  if (spec.width < 0 || spec.width > kMaxSide || spec.height < 0 || spec.height > kMaxSide)
    return fail(ErrorCode::invalid_argument, "{}: {}x{} pixels asked for; a side is 0..{}",
                without_credentials(spec.uri), spec.width, spec.height, kMaxSide);
  if ((spec.width == 0) != (spec.height == 0))
    return fail(ErrorCode::invalid_argument, "{}: width and height go together",
                without_credentials(spec.uri));
  if (static_cast<std::int64_t>(spec.width) * spec.height > kMaxPixels)
    return fail(ErrorCode::over_budget, "{}: {}x{} asked for; the limit is {} pixels",
                without_credentials(spec.uri), spec.width, spec.height, kMaxPixels);
  if (!(spec.fps >= 0.0 && spec.fps <= kMaxFps))
    return fail(ErrorCode::invalid_argument, "{}: {} frames a second asked for; it is 0..{}",
                without_credentials(spec.uri), spec.fps, kMaxFps);
  return {};
}

}  // namespace

std::span<const CameraSource* const> camera_sources() noexcept { return kSources; }

Result<std::unique_ptr<FrameSource>> create_source(const SourceSpec& spec) {
  PINFER_CHECK(check_spec(spec));
  PINFER_TRY(const SourceAddress address, parse_source(spec.uri));
  for (const CameraSource* source : kSources)
    if (source->kind == address.kind) return source->create(address, spec);
  return fail(ErrorCode::internal, "no source reads {}", without_credentials(spec.uri));
}

}  // namespace pinfer
