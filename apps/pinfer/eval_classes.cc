// SPDX-License-Identifier: Apache-2.0
// Evaluation of classifiers: top-1, top-5, confusion.
#include <fmt/ostream.h>

#include <algorithm>

#include "apps/pinfer/data_set.h"
#include "apps/pinfer/eval.h"
#include "apps/pinfer/input_spec.h"
#include "apps/pinfer/normalise.h"
#include "apps/pinfer/score.h"
#include "apps/pinfer/text.h"
#include "apps/pipeline/decoders/scores.h"
#include "apps/pipeline/labels.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {
namespace {

constexpr std::uint64_t kMaxExampleBytes = 1u << 30;
constexpr std::size_t kMaxMatrix = 16;  // classes; more are shown as a list

// How the examples of this run become input.
struct Filling {
  PictureOptions picture;
  std::optional<Normalise> raw;  // nothing: only the user can say
};

Result<Filling> filling_of(const Session& session, const EvalOptions& options) {
  Filling filling{.picture = options.picture, .raw = {}};
  const TensorInfo& input = *session.input(0).info;
  const auto& metadata = session.model().metadata.inputs;
  if (options.normalise != "auto") {
    PINFER_TRY(filling.raw, parse_normalise(options.normalise));
    const Normalise& n = *filling.raw;
    // (p - a) / b - c is (p - (a + c b)) / b: what Preprocess calls mean and std.
    if (n.divides || input.dtype == DType::f32) {
      filling.picture.mean = {n.subtract + n.offset * n.divide};
      filling.picture.std = {n.divide};
    }
    return filling;
  }
  filling.raw = natural_normalise(input);
  if (!filling.raw && !metadata.empty() && metadata[0].normalisation.mean.size() == 1 &&
      metadata[0].normalisation.stddev.size() == 1)
    filling.raw = Normalise{.subtract = metadata[0].normalisation.mean[0],
                            .divide = metadata[0].normalisation.stddev[0],
                            .divides = true};
  return filling;
}

Result<void> fill(const Example& example, const Filling& filling, Session& session) {
  if (example.bytes.empty() && is_picture(example.name)) {
    PINFER_TRY(const Picture picture, load_picture(example.name));
    PINFER_CHECK(fill_from_picture(picture, session, 0, filling.picture));
    return {};
  }
  if (example.bytes.empty() && example.name.ends_with(".npy"))
    return fill_from_npy(example.name, session.input(0));
  if (!filling.raw)
    return fail(ErrorCode::invalid_argument,
                "the model does not say how bytes become its {} input; give --normalise pixel, "
                "pixel/255, pixel/127.5-1 or the like",
                to_string(session.input(0).info->dtype));
  if (!example.bytes.empty())
    return fill_from_bytes(example.bytes, *filling.raw, session.input(0), example.name);
  PINFER_TRY(const MappedFile file, MappedFile::open(example.name, kMaxExampleBytes));
  return fill_from_bytes(file.span(), *filling.raw, session.input(0), example.name);
}

std::vector<float> output_values(const Session& session) {
  const OutputValues values(session.output(0));
  std::vector<float> result(values.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = values[i];
  return result;
}

std::string class_text(std::int32_t number, std::span<const std::string> labels) {
  const std::string_view label = label_of(labels, number);
  return label.empty() || label == std::to_string(number) ? std::to_string(number)
                                                          : fmt::format("{} {}", number, label);
}

void print_matrix(std::ostream& out, const Classification& score,
                  std::span<const std::string> labels) {
  std::vector<std::int32_t> classes;
  for (const auto& [pair, count] : score.confusion())
    for (const std::int32_t number : {pair.first, pair.second}) classes.push_back(number);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  if (classes.size() > kMaxMatrix) {
    std::vector<std::pair<std::int64_t, std::pair<std::int32_t, std::int32_t>>> wrong;
    for (const auto& [pair, count] : score.confusion())
      if (pair.first != pair.second) wrong.push_back({count, pair});
    std::stable_sort(wrong.begin(), wrong.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    wrong.resize(std::min<std::size_t>(wrong.size(), 10));
    out << "\nmost frequent mistakes\n";
    Table table({"times", "is", "taken for"}, {true, false, false});
    for (const auto& [count, pair] : wrong)
      table.add(
          {std::to_string(count), class_text(pair.first, labels), class_text(pair.second, labels)});
    return table.print(out);
  }
  std::vector<std::string> heading = {"is \\ taken for"};
  for (const std::int32_t number : classes) heading.push_back(std::to_string(number));
  Table table(heading, std::vector<bool>(heading.size(), true));
  for (const std::int32_t expected : classes) {
    std::vector<std::string> row = {class_text(expected, labels)};
    for (const std::int32_t got : classes) {
      const auto found = score.confusion().find({expected, got});
      row.push_back(found == score.confusion().end() ? "." : std::to_string(found->second));
    }
    table.add(row);
  }
  out << "\n";
  table.print(out);
}

Json to_json(const EvalOptions& options, const DataSet& data, const Classification& score,
             const EvalTime& time) {
  Json confusion = Json::array();
  for (const auto& [pair, count] : score.confusion())
    confusion.push_back({{"expected", pair.first}, {"got", pair.second}, {"count", count}});
  return {{"model", options.model.path},
          {"data", options.data},
          {"form", data.form},
          {"examples", score.examples()},
          {"missing", data.missing},
          {"top1", score.top1()},
          {"top5", score.top5()},
          {"run_ms", time.run_ms()},
          {"examples_per_second", time.per_second()},
          {"confusion", confusion}};
}

void print_text(std::ostream& out, const EvalOptions& options, const DataSet& data,
                const Classification& score, const EvalTime& time,
                std::span<const std::string> labels) {
  fmt::print(out, "{} on {} ({})\n", options.model.path, options.data, data.form);
  fmt::print(out, "  examples  {}{}\n", score.examples(),
             data.missing == 0 ? "" : fmt::format(", {} listed are not there", data.missing));
  fmt::print(out, "  top-1     {:.2f} %\n  top-5     {:.2f} %\n", 100 * score.top1(),
             100 * score.top5());
  fmt::print(out, "  time      {:.3f} ms a run, {:.1f} examples/s from file to class\n",
             time.run_ms(), time.per_second());
  print_matrix(out, score, labels);
}

}  // namespace

Result<ExitCode> eval_classes(Session& session, const EvalOptions& options, Console& console) {
  if (session.input_count() != 1)
    return fail(ErrorCode::unsupported, "{}: a classifier has one input, this model has {}",
                options.model.path, session.input_count());
  if (!has_output_values(session.output(0).info->dtype))
    return fail(ErrorCode::unsupported, "{}: output 0 is {}", options.model.path,
                to_string(session.output(0).info->dtype));
  PINFER_TRY(const auto labels, labels_for(session.model(), options.picture.labels_path));
  PINFER_TRY(const DataSet data, open_data_set(options.data, labels, options.limit));
  if (data.examples.empty())
    return fail(ErrorCode::not_found, "{}: no examples ({} listed are not there)", options.data,
                data.missing);
  PINFER_TRY(Filling filling, filling_of(session, options));
  if (data.form == "imagenet") {
    // How such nets are judged everywhere: 87.5 % of the middle square.
    filling.picture.resize = filling.picture.resize.value_or(ResizeMode::crop);
    filling.picture.crop = filling.picture.crop.value_or(0.875f);
  }
  Classification score;
  EvalTime time;
  const MonotonicTime start = MonotonicTime::now();
  for (const Example& example : data.examples) {
    PINFER_CHECK(fill(example, filling, session));
    PINFER_CHECK(run_example(session, example.name, time));
    const std::vector<float> values = output_values(session);
    const std::int32_t label = example.label + options.class_offset;
    if (label < 0 || static_cast<std::size_t>(label) >= values.size())
      return fail(ErrorCode::invalid_argument, "{}: class {}, the model has {} classes",
                  example.name, label, values.size());
    score.add(label, values);
  }
  time.all = MonotonicTime::now() - start;
  if (console.json)
    print_json(console.out, to_json(options, data, score, time));
  else
    print_text(console.out, options, data, score, time, labels);
  return ExitCode::ok;
}

}  // namespace pinfer
