// SPDX-License-Identifier: Apache-2.0
// pinfer infer: one inference over files.
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "apps/pinfer/input_spec.h"
#include "apps/pinfer/model_options.h"
#include "apps/pinfer/npy.h"
#include "apps/pinfer/picture_input.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"
#include "apps/pipeline/labels.h"

namespace pinfer {
namespace {

struct Options {
  ModelOptions model;
  PictureOptions picture;
  std::vector<std::string> inputs;
  std::string output;
  std::string decoder = "auto";
  std::size_t top = 5;
};

bool is_npy(const std::string& path) { return path.ends_with(".npy"); }

// Fills every input; the geometry is that of the last picture, if there was one.
Result<std::optional<InputGeometry>> fill_inputs(Session& session, const Options& options) {
  std::optional<InputGeometry> geometry;
  PINFER_TRY(const auto paths, assign_inputs(session, options.inputs));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (is_npy(paths[i])) {
      PINFER_CHECK(fill_from_npy(paths[i], session.input(i)));
      continue;
    }
    PINFER_TRY(const Picture picture, load_picture(paths[i]));
    PINFER_TRY(geometry, fill_from_picture(picture, session, i, options.picture));
  }
  return geometry;
}

Result<std::vector<std::string>> write_outputs(const Session& session, const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(ErrorCode::io, "{}: cannot create the folder: {}", folder, error.message());
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    const Tensor output = session.output(i);
    files.push_back((std::filesystem::path(folder) / fmt::format("out{}.npy", i)).string());
    const Shape& shape = output.info->shape;
    PINFER_CHECK(write_npy(files.back(), output.info->dtype, {shape.begin(), shape.size()},
                           {output.data, output.bytes()}));
  }
  return files;
}

struct Answer {
  std::string_view decoder;
  Predictions predictions;
  std::vector<std::string> labels;
};

Result<Answer> decode(const Session& session, const Options& options,
                      const InputGeometry& geometry) {
  const std::vector<Tensor> outputs = outputs_of(session);
  PINFER_TRY(const Decoder* decoder, choose_decoder(options.decoder, outputs));
  Answer answer;
  answer.decoder = decoder->name;
  PINFER_TRY(answer.labels, labels_for(session.model(), options.picture.labels_path));
  const DecodeOptions how{
      .top_k = options.top, .min_score = std::nullopt, .softmax = false, .geometry = geometry};
  if (const Status status = decoder->decode(outputs, how, answer.predictions); status != Status::ok)
    return fail(ErrorCode::internal, "{}: the outputs cannot be read: {}", options.model.path,
                to_string(status));
  return answer;
}

bool has_box(const Prediction& p) { return p.box != Box{}; }

void print_answer(std::ostream& out, const Answer& answer) {
  Table table({answer.decoder == "ssd" ? "object" : "class", "score", "label"},
              {true, true, false});
  for (const Prediction& p : answer.predictions) {
    std::string label(label_of(answer.labels, p.class_id));
    if (has_box(p))
      label += fmt::format("{}at {:.3f} {:.3f} to {:.3f} {:.3f}", label.empty() ? "" : "  ",
                           p.box.left, p.box.top, p.box.right, p.box.bottom);
    table.add({std::to_string(p.class_id), fmt::format("{:.4f}", p.score), label});
  }
  table.print(out);
}

Json answer_json(const Answer& answer) {
  Json predictions = Json::array();
  for (const Prediction& p : answer.predictions) {
    Json entry{{"class", p.class_id}, {"score", p.score}};
    if (const auto label = label_of(answer.labels, p.class_id); !label.empty())
      entry["label"] = label;
    if (has_box(p)) entry["box"] = {p.box.left, p.box.top, p.box.right, p.box.bottom};
    predictions.push_back(std::move(entry));
  }
  return predictions;
}

void print_profile(std::ostream& out, const Session& session) {
  Table table({"operator", "kernel", "steps", "MACs", "ms"}, {false, false, true, true, true});
  for (const ProfileRow& row : profile_of(session))
    table.add({std::string(row.op), std::string(row.kernel), std::to_string(row.steps),
               count_text(static_cast<double>(row.macs)), fmt::format("{:.4f}", to_ms(row.total))});
  table.print(out);
}

struct Outcome {
  double ms = 0;
  std::vector<std::string> files;
  std::optional<Answer> answer;
};

void print_text(std::ostream& out, const Session& session, const Options& options,
                const Outcome& outcome) {
  for (std::size_t i = 0; i < session.output_count(); ++i)
    fmt::print(out, "output {}  {}{}{}\n", i, tensor_text(*session.output(i).info),
               outcome.files.empty() ? "" : "  ", outcome.files.empty() ? "" : outcome.files[i]);
  if (outcome.answer) print_answer(out, *outcome.answer);
  if (options.model.profile) print_profile(out, session);
  fmt::print(out, "{:.3f} ms\n", outcome.ms);
}

Json to_json(const Session& session, const Options& options, const Outcome& outcome) {
  Json outputs = Json::array();
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    outputs.push_back(tensor_json(*session.output(i).info));
    if (!outcome.files.empty()) outputs.back()["file"] = outcome.files[i];
  }
  Json json{{"model", options.model.path}, {"outputs", outputs}, {"ms", outcome.ms}};
  if (outcome.answer) {
    json["decoder"] = outcome.answer->decoder;
    json["predictions"] = answer_json(*outcome.answer);
  }
  if (options.model.profile)
    for (const ProfileRow& row : profile_of(session))
      json["profile"].push_back({{"operator", row.op},
                                 {"kernel", row.kernel},
                                 {"steps", row.steps},
                                 {"macs", row.macs},
                                 {"ms", to_ms(row.total)}});
  return json;
}

Result<ExitCode> run(const Options& options, Console& console) {
  PINFER_TRY(Session session, options.model.open());
  PINFER_TRY(const auto geometry, fill_inputs(session, options));
  const MonotonicTime start = MonotonicTime::now();
  if (const Status status = session.run(); status != Status::ok)
    return fail(ErrorCode::internal, "{}: {}", options.model.path, to_string(status));
  Outcome outcome{.ms = to_ms(MonotonicTime::now() - start), .files = {}, .answer = {}};
  if (!options.output.empty()) {
    PINFER_TRY(outcome.files, write_outputs(session, options.output));
  }
  if (geometry) {
    PINFER_TRY(outcome.answer, decode(session, options, *geometry));
  }
  if (console.json)
    print_json(console.out, to_json(session, options, outcome));
  else
    print_text(console.out, session, options, outcome);
  return ExitCode::ok;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->model.declare(app);
  app.add("--input", options->inputs,
          "an .npy file or a picture, as PATH (in the order of the model's inputs) or "
          "NAME=PATH; once for each input")
      .required()
      .one_value_each();
  app.add("--output", options->output, "folder for out0.npy, out1.npy, ...");
  app.flag("--profile", options->model.profile, "time every step");
  app.add("--decoder", options->decoder,
          "how a picture's result is read: auto, classification, ssd, raw")
      .show_default();
  app.add("--top", options->top, "print so many predictions")
      .range(1, kMaxPredictions)
      .show_default();
  options->picture.declare(app);
  return [options](Console& console) { return run(*options, console); };
}

}  // namespace

extern const Verb infer_verb;
const Verb infer_verb{
    .name = "infer",
    .summary = "run a model once, over .npy files or pictures",
    .examples =
        "  pinfer infer digits.tflite --input seven.png\n"
        "  pinfer infer net.tflite --input a.npy --input b.npy --output results\n"
        "  pinfer infer net.tflite --input image=a.npy --input state=b.npy --output results\n",
    .declare = declare};

}  // namespace pinfer
