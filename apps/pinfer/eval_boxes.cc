// SPDX-License-Identifier: Apache-2.0
// Evaluation of detectors on COCO annotations: mAP50.
#include <fmt/ostream.h>

#include "apps/pinfer/coco.h"
#include "apps/pinfer/data_set.h"
#include "apps/pinfer/eval.h"
#include "apps/pinfer/score.h"
#include "apps/pinfer/text.h"
#include "apps/pipeline/labels.h"

namespace pinfer {
namespace {

// COCO's id of each class of the model, by name; -1 for classes that the data do not know.
Result<std::vector<std::int32_t>> categories_of(const CocoSet& set,
                                                std::span<const std::string> labels) {
  std::vector<std::int32_t> ids(labels.size(), -1);
  bool any = false;
  for (const auto& [id, name] : set.categories)
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (plain_name(labels[i]) == plain_name(name)) {
        ids[i] = id;
        any = true;
      }
  if (!any)
    return fail(ErrorCode::invalid_argument,
                "none of the model's {} labels is a category of the data; give --labels",
                labels.size());
  return ids;
}

std::vector<FoundBox> found_boxes(const Predictions& predictions,
                                  const std::vector<std::int32_t>& categories) {
  std::vector<FoundBox> found;
  for (const Prediction& p : predictions) {
    const auto number = static_cast<std::size_t>(p.class_id);
    if (p.class_id >= 0 && number < categories.size() && categories[number] >= 0)
      found.push_back({categories[number], p.score, p.box});
  }
  return found;
}

Json to_json(const EvalOptions& options, const CocoSet& set, const Detection& score,
             const EvalTime& time) {
  Json categories = Json::array();
  for (const CategoryScore& c : score.categories())
    categories.push_back({{"id", c.category},
                          {"name", set.categories.at(c.category)},
                          {"objects", c.objects},
                          {"found", c.found},
                          {"ap50", c.average_precision}});
  return {{"model", options.model.path},
          {"data", options.data},
          {"form", "coco"},
          {"examples", score.examples()},
          {"missing", set.missing},
          {"map50", score.map50()},
          {"run_ms", time.run_ms()},
          {"examples_per_second", time.per_second()},
          {"categories", categories}};
}

void print_text(std::ostream& out, const EvalOptions& options, const CocoSet& set,
                const Detection& score, const EvalTime& time) {
  fmt::print(out, "{} on {} (coco)\n", options.model.path, options.data);
  fmt::print(out, "  pictures  {}{}\n", score.examples(),
             set.missing == 0 ? "" : fmt::format(", {} listed are not there", set.missing));
  fmt::print(out, "  mAP50     {:.3f}\n", score.map50());
  fmt::print(out, "  time      {:.3f} ms a run, {:.1f} pictures/s from file to boxes\n\n",
             time.run_ms(), time.per_second());
  Table table({"AP50", "objects", "found", "category"}, {true, true, true, false});
  for (const CategoryScore& c : score.categories())
    table.add({fmt::format("{:.3f}", c.average_precision), std::to_string(c.objects),
               std::to_string(c.found), set.categories.at(c.category)});
  table.print(out);
}

}  // namespace

Result<ExitCode> eval_boxes(Session& session, const EvalOptions& options, Console& console) {
  PINFER_TRY(const auto labels, labels_for(session.model(), options.picture.labels_path));
  PINFER_TRY(const CocoSet set, open_coco(options.data, options.images, options.limit));
  if (set.pictures.empty())
    return fail(ErrorCode::not_found, "{}: no pictures ({} listed are not there)", options.data,
                set.missing);
  PINFER_TRY(const auto categories, categories_of(set, labels));
  const std::vector<Tensor> outputs = outputs_of(session);
  PINFER_TRY(const Decoder* decoder, choose_decoder(options.decoder, outputs));
  Detection score;
  EvalTime time;
  const MonotonicTime start = MonotonicTime::now();
  for (const CocoPicture& example : set.pictures) {
    PINFER_TRY(const Picture picture, load_picture(example.path));
    PINFER_TRY(const InputGeometry geometry,
               fill_from_picture(picture, session, 0, options.picture));
    PINFER_CHECK(run_example(session, example.path, time));
    Predictions predictions;
    const DecodeOptions how{.min_score = {}, .geometry = geometry};
    if (const Status status = decoder->decode(outputs, how, predictions); status != Status::ok)
      return fail(ErrorCode::internal, "{}: {}", example.path, to_string(status));
    score.add(example.objects, found_boxes(predictions, categories));
  }
  time.all = MonotonicTime::now() - start;
  if (console.json)
    print_json(console.out, to_json(options, set, score, time));
  else
    print_text(console.out, options, set, score, time);
  return ExitCode::ok;
}

}  // namespace pinfer
