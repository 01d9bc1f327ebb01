// SPDX-License-Identifier: Apache-2.0
// pictures: a folder of pictures, sorted by name, each one a frame; or a single picture.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <vector>

#include "drivers/camera/frame_clock.h"
#include "drivers/camera/picture.h"
#include "drivers/camera/picture_header.h"
#include "drivers/camera/sources.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1'000'000;
constexpr double kDefaultFps = 10.0;

class PicturesSource final : public FrameSource {
 public:
  PicturesSource(std::vector<std::string> files, const std::string& path, FrameClock clock,
                 bool loop)
      : files_(std::move(files)),
        clock_(clock),
        loop_(loop),
        description_(
            fmt::format("pictures {} ({} files, {} fps)", path, files_.size(), clock.fps())) {}

  Status next(Frame& frame, MonotonicTime deadline) noexcept override {
    if (!loop_ && next_ >= files_.size()) return Status::end;
    if (const Status status = clock_.wait_for(next_, deadline); status != Status::ok) return status;
    try {
      auto picture = load_picture(files_[static_cast<std::size_t>(next_ % files_.size())]);
      if (!picture) return Status::backend_fault;
      picture_ = std::move(*picture);
    } catch (const std::exception&) {  // out of memory
      return Status::backend_fault;
    }
    frame = picture_.view();
    frame.sequence = next_;
    frame.captured_at = clock_.time_of(next_);
    ++next_;
    return Status::ok;
  }
  [[nodiscard]] bool is_replay() const noexcept override { return !clock_.realtime(); }
  [[nodiscard]] std::string_view description() const noexcept override { return description_; }

 private:
  std::vector<std::string> files_;
  FrameClock clock_;
  bool loop_;
  std::uint64_t next_ = 0;
  Picture picture_;
  std::string description_;
};

Result<std::vector<std::string>> list_pictures(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (is_picture_name(it->path().filename().string())) files.push_back(it->path().string());
    if (files.size() > kMaxFiles)
      return fail(ErrorCode::over_budget, "{}: more than {} pictures", path, kMaxFiles);
  }
  if (error) return fail(ErrorCode::io, "{}: cannot read the folder: {}", path, error.message());
  if (files.empty())
    return fail(ErrorCode::not_found,
                "{}: the folder holds no pictures (.png .jpg .jpeg .bmp .pgm .ppm)", path);
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::unique_ptr<FrameSource>> create_pictures(const SourceAddress& address,
                                                     const SourceSpec& spec) {
  PINFER_TRY(std::vector<std::string> files, list_pictures(address.location));
  for (const std::string& file : files) {  // a damaged or huge file is told now, not in the middle
    PINFER_TRY(const MappedFile mapped, MappedFile::open(file, kMaxPictureFileBytes));
    PINFER_CHECK(read_picture_size(mapped.span(), file));
  }
  PINFER_CHECK(load_picture(files.front()));
  const FrameClock clock(spec.fps > 0 ? spec.fps : kDefaultFps, spec.realtime);
  return std::make_unique<PicturesSource>(std::move(files), address.location, clock, spec.loop);
}

}  // namespace

extern const CameraSource pictures_source;
const CameraSource pictures_source = {
    .kind = SourceKind::pictures,
    .name = "pictures",
    .summary = "file://folder or folder/ - pictures in the order of their names",
    .create = create_pictures};

}  // namespace pinfer
