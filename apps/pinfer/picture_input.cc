// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/picture_input.h"

#include <algorithm>
#include <map>

#include "apps/pinfer/resample.h"
#include "apps/pipeline/labels.h"

namespace pinfer {

void PictureOptions::declare(OptionList& options) {
  options.choice<ResizeMode>("--resize", resize,
                             "how a picture is fitted: stretch, crop or letterbox",
                             {{"stretch", ResizeMode::stretch},
                              {"crop", ResizeMode::crop},
                              {"letterbox", ResizeMode::letterbox}});
  options.add("--crop", crop, "cut out the middle, this fraction of both sides")
      .real_range(0.01, 1.0);
  options.choice<Sampling>(
      "--sampling", sampling,
      "camera: bilinear from four pixels, as the daemon; antialias: from all pixels",
      {{"camera", Sampling::camera}, {"antialias", Sampling::antialias}});
  options.choice<ColorOrder>("--color", color, "order of the channels: auto, rgb, bgr or gray",
                             {{"auto", ColorOrder::automatic},
                              {"rgb", ColorOrder::rgb},
                              {"bgr", ColorOrder::bgr},
                              {"gray", ColorOrder::gray}});
  options.add("--mean", mean, "real = (pixel - mean) / std; default: as the model says").commas();
  options.add("--std", std, "see --mean; one value, or one a channel").commas();
  options.add("--labels", labels_path, "class names, one a line; default: the model's");
}

namespace {

PreprocessConfig config_of(const Model& model, std::size_t index, const TensorInfo& input,
                           const PictureOptions& options) {
  const auto& metadata = model.metadata.inputs;
  const Normalisation said =
      index < metadata.size() ? metadata[index].normalisation : Normalisation{};
  const ModelInputConfig wanted{.resize = options.resize.value_or(ResizeMode::stretch),
                                .color = options.color,
                                .mean = options.mean,
                                .std = options.std};
  PreprocessConfig config = preprocess_config(wanted, input.dtype, said.mean, said.stddev);
  config.crop_fraction = options.crop.value_or(1.0f);
  return config;
}

// The part of the picture that the input shows: the middle, with the input's proportions for crop.
PixelBox part_of(const Picture& picture, const PreprocessConfig& config, int width, int height) {
  const double w = picture.width, h = picture.height;
  double part_w = w, part_h = h;
  if (config.resize == ResizeMode::crop) {
    part_w = std::min(w, h * width / height);
    part_h = std::min(h, w * height / width);
  }
  part_w *= static_cast<double>(config.crop_fraction);
  part_h *= static_cast<double>(config.crop_fraction);
  return {static_cast<float>((w - part_w) / 2), static_cast<float>((h - part_h) / 2),
          static_cast<float>((w + part_w) / 2), static_cast<float>((h + part_h) / 2)};
}

// Height and width of an NHWC or NCHW input; 0 where there are none.
std::pair<int, int> sides_of(const TensorInfo& input) {
  const Shape& s = input.shape;
  const std::size_t rank = s.size();
  if (rank < 3) return {0, 0};
  if (s[rank - 1] == 1 || s[rank - 1] == 3) return {s[rank - 3], s[rank - 2]};
  return {s[rank - 2], s[rank - 1]};
}

Result<InputGeometry> fill_plain(const Picture& picture, const PreprocessConfig& config,
                                 const Tensor& tensor) {
  const Frame frame = picture.view();
  PINFER_TRY(Preprocess preprocess, Preprocess::create(config, geometry_of(frame), *tensor.info));
  if (const Status status = preprocess.run(frame, tensor.data); status != Status::ok)
    return fail(ErrorCode::internal, "preparing a {}x{} picture: {}", picture.width, picture.height,
                to_string(status));
  return preprocess.geometry();
}

}  // namespace

Result<InputGeometry> fill_from_picture(const Picture& picture, Session& session, std::size_t index,
                                        const PictureOptions& options) {
  const Tensor tensor = session.input(index);
  PreprocessConfig config = config_of(session.model(), index, *tensor.info, options);
  const auto [height, width] = sides_of(*tensor.info);
  if (options.sampling == Sampling::camera || height < 1 || width < 1)
    return fill_plain(picture, config, tensor);
  if (config.resize == ResizeMode::letterbox)
    return fail(ErrorCode::invalid_argument, "--resize letterbox goes with --sampling camera only");
  const PixelBox part = part_of(picture, config, width, height);
  PINFER_TRY(const Picture small, resample(picture, part, width, height));
  config.resize = ResizeMode::stretch;  // it has the input's size already
  config.crop_fraction = 1.0f;
  PINFER_CHECK(fill_plain(small, config, tensor));
  const auto w = static_cast<float>(picture.width), h = static_cast<float>(picture.height);
  return InputGeometry{part.left / w, part.top / h, (part.right - part.left) / w,
                       (part.bottom - part.top) / h};
}

Result<std::vector<std::string>> labels_for(const Model& model, const std::string& path) {
  if (!path.empty()) return load_labels(path);
  for (const OutputMetadata& output : model.metadata.outputs)
    if (!output.labels.empty()) return output.labels;
  return std::vector<std::string>{};
}

std::vector<Tensor> outputs_of(const Session& session) {
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) outputs.push_back(session.output(i));
  return outputs;
}

}  // namespace pinfer
