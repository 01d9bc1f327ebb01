// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/picture_input.h"

#include <map>

#include "apps/pipeline/labels.h"

namespace pinfer {

void PictureOptions::declare(CLI::App& options) {
  options
      .add_option("--resize", input.resize, "how a picture is fitted: stretch, crop or letterbox")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, ResizeMode>{{"stretch", ResizeMode::stretch},
                                            {"crop", ResizeMode::crop},
                                            {"letterbox", ResizeMode::letterbox}}));
  options.add_option("--color", input.color, "order of the channels: auto, rgb, bgr or gray")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, ColorOrder>{{"auto", ColorOrder::automatic},
                                                                    {"rgb", ColorOrder::rgb},
                                                                    {"bgr", ColorOrder::bgr},
                                                                    {"gray", ColorOrder::gray}}));
  options
      .add_option("--mean", input.mean, "real = (pixel - mean) / std; default: as the model says")
      ->delimiter(',');
  options.add_option("--std", input.std, "see --mean; one value, or one a channel")->delimiter(',');
  options.add_option("--crop", crop, "cut out the middle first, this fraction of both sides")
      ->check(CLI::Range(0.01f, 1.0f))
      ->capture_default_str();
  options.add_option("--labels", labels_path, "class names, one a line; default: the model's");
}

Result<InputGeometry> fill_from_picture(const Picture& picture, Session& session, std::size_t index,
                                        const PictureOptions& options) {
  const Tensor tensor = session.input(index);
  const auto& metadata = session.model().metadata.inputs;
  const Normalisation normalisation =
      index < metadata.size() ? metadata[index].normalisation : Normalisation{};
  PreprocessConfig config = preprocess_config(options.input, tensor.info->dtype, normalisation.mean,
                                              normalisation.stddev);
  config.crop_fraction = options.crop;
  const Frame frame = picture.view();
  PINFER_TRY(Preprocess preprocess, Preprocess::create(config, geometry_of(frame), *tensor.info));
  if (const Status status = preprocess.run(frame, tensor.data); status != Status::ok)
    return fail(ErrorCode::internal, "preparing a {}x{} picture: {}", picture.width, picture.height,
                to_string(status));
  return preprocess.geometry();
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
