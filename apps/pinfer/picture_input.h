// SPDX-License-Identifier: Apache-2.0
// A picture file as the input of a model, and what the model says about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/pinfer/option_list.h"
#include "apps/pipeline/decoders/decoder.h"
#include "apps/pipeline/preprocess.h"
#include "drivers/camera/picture.h"
#include "runtime/session/session.h"

namespace pinfer {

// camera: the four pixels around, as the daemon does; antialias: all pixels, as training scripts
// do.
enum class Sampling : std::uint8_t { camera, antialias };

struct PictureOptions {
  std::optional<ResizeMode> resize;  // nothing: stretch
  std::optional<float> crop;         // nothing: 1
  Sampling sampling = Sampling::camera;
  ColorOrder color = ColorOrder::automatic;
  std::vector<float> mean, std;
  std::string labels_path;

  // Declares --resize, --crop, --sampling, --color, --mean, --std, --labels.
  void declare(OptionList& options);
};

// Fills input `index` of the session. Mean and std come from the options, else from the model's
// metadata. Returns how boxes map back to the picture.
Result<InputGeometry> fill_from_picture(const Picture& picture, Session& session, std::size_t index,
                                        const PictureOptions& options);

// Class names: from `path` if there is one, else the first that the model's metadata has.
Result<std::vector<std::string>> labels_for(const Model& model, const std::string& path);

std::vector<Tensor> outputs_of(const Session& session);

}  // namespace pinfer
