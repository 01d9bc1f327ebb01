// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/eval.h"

#include <memory>

#include "apps/pinfer/coco.h"

namespace pinfer {
namespace {

Action declare(OptionList& app) {
  const auto options = std::make_shared<EvalOptions>();
  options->picture.sampling = Sampling::antialias;
  options->model.declare(app);
  app.add("DATA", options->data,
          "a folder a class, y_labels.csv, ImageNet names, idx3-ubyte, COCO annotations")
      .required();
  app.add("--limit", options->limit, "only so many examples; 0: all").show_default();
  app.add("--normalise", options->normalise,
          "how bytes become input: bytes, pixel, pixel-128, pixel/255, pixel/127.5-1, ...; "
          "auto: as the model says")
      .show_default();
  app.add("--class-offset", options->class_offset,
          "added to the class numbers of the data (1: the net has a background class)")
      .show_default();
  app.add("--images", options->images, "folder of the pictures of COCO annotations");
  app.add("--decoder", options->decoder, "how boxes are read").show_default();
  options->picture.declare(app);
  return [options](Console& console) -> Result<ExitCode> {
    PINFER_TRY(Session session, options->model.open());
    return is_coco(options->data) ? eval_boxes(session, *options, console)
                                  : eval_classes(session, *options, console);
  };
}

}  // namespace

Result<void> run_example(Session& session, const std::string& name, EvalTime& time) {
  if (session.reset_state() != Status::ok)
    return fail(ErrorCode::internal, "{}: the state cannot be reset", name);
  const MonotonicTime start = MonotonicTime::now();
  if (const Status status = session.run(); status != Status::ok)
    return fail(ErrorCode::internal, "{}: {}", name, to_string(status));
  time.run += MonotonicTime::now() - start;
  ++time.examples;
  return {};
}

extern const Verb eval_verb;
const Verb eval_verb{
    .name = "eval",
    .summary = "measure how often a model is right on labelled data",
    .examples =
        "  pinfer eval digits.tflite digits_test\n"
        "  pinfer eval cifar_float.tflite ic01 --normalise pixel\n"
        "  pinfer eval mobilenet.tflite imagenet_pictures --resize crop --crop 0.875\n"
        "  pinfer eval ssd.tflite coco/annotations/instances_val2017.json\n",
    .declare = declare};

}  // namespace pinfer
