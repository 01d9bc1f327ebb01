// SPDX-License-Identifier: Apache-2.0
// pinfer eval: what its two halves, classes and boxes, share.
#pragma once

#include <string>

#include "apps/pinfer/model_options.h"
#include "apps/pinfer/picture_input.h"
#include "apps/pinfer/verb.h"

namespace pinfer {

struct EvalOptions {
  ModelOptions model;
  PictureOptions picture;
  std::string data, normalise = "auto", images, decoder = "auto";
  std::size_t limit = 0;
  std::int32_t class_offset = 0;
};

// Time in run() alone, and from file to result.
struct EvalTime {
  Duration run{0}, all{0};
  std::int64_t examples = 0;

  [[nodiscard]] double run_ms() const noexcept {
    return examples == 0 ? 0.0 : to_ms(run) / static_cast<double>(examples);
  }
  [[nodiscard]] double per_second() const noexcept {
    return all.count() == 0 ? 0.0 : static_cast<double>(examples) * 1000.0 / to_ms(all);
  }
};

// One timed inference from the start state.
Result<void> run_example(Session& session, const std::string& name, EvalTime& time);

Result<ExitCode> eval_classes(Session& session, const EvalOptions& options, Console& console);
Result<ExitCode> eval_boxes(Session& session, const EvalOptions& options, Console& console);

}  // namespace pinfer
