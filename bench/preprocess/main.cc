// SPDX-License-Identifier: Apache-2.0
// pinfer-bench-preprocess: a camera picture into an int8 input, by Pinfer and by what one writes
// with OpenCV (resize, cvtColor, convertTo), in turns.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>
#include <vector>

#include "apps/pinfer/region.h"
#include "apps/pipeline/preprocess.h"
#include "runtime/core/clock.h"

namespace pinfer {
namespace {

constexpr int kWidth = 640, kHeight = 480, kSide = 224, kChannels = 3;
constexpr int kTurns = 15, kRuns = 50;  // turns of each way, timed runs of a turn

// A picture with edges and noise, the same in every run.
cv::Mat make_picture() {
  cv::Mat picture(kHeight, kWidth, CV_8UC3);
  std::mt19937 random(12345);
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (int c = 0; c < kChannels; ++c)
        picture.ptr(y)[x * kChannels + c] = static_cast<std::uint8_t>(
            (x / 3 + y / 2 * (c + 1) + static_cast<int>(random() % 32)) % 256);
  return picture;
}

class OpenCv {
 public:
  void run(const cv::Mat& picture) {
    cv::resize(picture, small_, {kSide, kSide}, 0, 0, cv::INTER_LINEAR);
    cv::cvtColor(small_, small_, cv::COLOR_BGR2RGB);
    small_.convertTo(input_, CV_8S, 1.0, -128.0);
  }
  [[nodiscard]] const std::int8_t* input() const { return input_.ptr<std::int8_t>(); }

 private:
  cv::Mat small_, input_;
};

class Pinfer {
 public:
  static Result<Pinfer> create() {
    TensorInfo info;
    info.name = "input";
    info.dtype = DType::i8;
    info.shape = {1, kSide, kSide, kChannels};
    info.quant = {{1.0f}, {-128}, 0};
    PINFER_TRY(
        Preprocess preprocess,
        Preprocess::create({.color = ColorOrder::rgb}, {kWidth, kHeight, PixelFormat::bgr8}, info));
    return Pinfer(std::move(preprocess));
  }
  void run(const cv::Mat& picture) {
    const Frame frame{.data = picture.data,
                      .width = kWidth,
                      .height = kHeight,
                      .stride = picture.step,
                      .format = PixelFormat::bgr8,
                      .sequence = 0,
                      .captured_at = {}};
    if (preprocess_.run(frame, input_.data()) != Status::ok) std::abort();
  }
  [[nodiscard]] const std::int8_t* input() const {
    return reinterpret_cast<const std::int8_t*>(input_.data());
  }

 private:
  explicit Pinfer(Preprocess&& preprocess)
      : preprocess_(std::move(preprocess)), input_(std::size_t{kSide} * kSide * kChannels) {}
  Preprocess preprocess_;
  std::vector<std::byte> input_;
};

template <class Way>
double median_us(Way& way, const cv::Mat& picture) {
  std::vector<double> us;
  for (int i = 0; i < kRuns; ++i) {
    const MonotonicTime start = MonotonicTime::now();
    way.run(picture);
    us.push_back(to_ms(MonotonicTime::now() - start) * 1e3);
  }
  std::nth_element(us.begin(), us.begin() + kRuns / 2, us.end());
  return us[kRuns / 2];
}

// One run, for an instruction counter.
template <class Way>
void run_counted(Way& way, const cv::Mat& picture) {
  way.run(picture);
  enter_region<Region::timed_runs>();
  way.run(picture);
  enter_region<Region::after>();
}

// OpenCV weighs in 11 bits, Pinfer in float: they differ by one step at most, or did other work.
int largest_difference(const Pinfer& ours, const OpenCv& theirs) {
  int most = 0;
  for (int i = 0; i < kSide * kSide * kChannels; ++i)
    most = std::max(most, std::abs(ours.input()[i] - theirs.input()[i]));
  return most;
}

int bench(const std::string& only) {
  cv::setNumThreads(1);
  const cv::Mat picture = make_picture();
  auto ours = Pinfer::create();
  if (!ours) {
    fmt::print(stderr, "pinfer-bench-preprocess: {}\n", ours.error().message);
    return 1;
  }
  OpenCv theirs;
  if (only == "pinfer") return run_counted(*ours, picture), 0;
  if (only == "opencv") return run_counted(theirs, picture), 0;
  std::vector<double> our_us, their_us;
  for (int i = 0; i < kTurns; ++i) {
    our_us.push_back(median_us(*ours, picture));
    their_us.push_back(median_us(theirs, picture));
  }
  if (const int most = largest_difference(*ours, theirs); most > 1) {
    fmt::print(stderr, "pinfer-bench-preprocess: the results differ by {} steps\n", most);
    return 1;
  }
  const auto median = [](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  fmt::print(R"({{"opencv_version": "{}", "pinfer_us": {:.1f}, "opencv_us": {:.1f}}})"
             "\n",
             CV_VERSION, median(our_us), median(their_us));
  return 0;
}

}  // namespace
}  // namespace pinfer

int main(int argc, char** argv) {
  const std::string option = argc == 3 ? argv[1] : "", only = argc == 3 ? argv[2] : "";
  if (argc == 1 || (option == "--only" && (only == "pinfer" || only == "opencv")))
    return pinfer::bench(only);
  fmt::print(stderr, "usage: {} [--only pinfer|opencv]\n", argv[0]);
  return 2;
}
