// SPDX-License-Identifier: Apache-2.0
// pinfer inspect: what a model is made of and what the runtime makes of it.
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>

#include "apps/pinfer/model_options.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/verb.h"

namespace pinfer {
namespace {

struct Options {
  ModelOptions model;
  bool plan = false;
};

// All steps of one operator.
struct OperatorRow {
  std::string_view op;
  int count = 0;
  std::int64_t macs = 0;
};

std::vector<OperatorRow> operators_of(const Session& session) {
  std::vector<OperatorRow> rows;
  for (const StepReport& step : session.steps()) {
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const OperatorRow& r) { return r.op == step.op; });
    if (row == rows.end()) row = rows.insert(row, OperatorRow{.op = step.op});
    ++row->count;
    row->macs += step.macs;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const OperatorRow& a, const OperatorRow& b) {
    return a.macs != b.macs ? a.macs > b.macs : a.count > b.count;
  });
  return rows;
}

std::size_t constant_bytes(const Graph& graph) {
  std::size_t bytes = 0;
  for (const TensorInfo& info : graph.tensors)
    if (info.is_constant) bytes += info.data.size();
  return bytes;
}

void print_tensors(std::ostream& out, std::string_view what, const Session& session,
                   std::size_t count, Tensor (Session::*at)(std::size_t) const noexcept) {
  for (std::size_t i = 0; i < count; ++i) {
    const TensorInfo& info = *(session.*at)(i).info;
    fmt::print(out, "  {} {}  {}  {}\n", what, i, tensor_text(info), info.name);
  }
}

void print_metadata(std::ostream& out, const Metadata& metadata) {
  if (!metadata.name.empty()) fmt::print(out, "  name      {}\n", metadata.name);
  if (!metadata.description.empty())
    fmt::print(out, "  says      {}\n", metadata.description.substr(0, 200));
  for (std::size_t i = 0; i < metadata.inputs.size(); ++i) {
    const Normalisation& n = metadata.inputs[i].normalisation;
    if (!n.mean.empty())
      fmt::print(out, "  input {}   (pixel - {}) / {}\n", i, fmt::join(n.mean, " "),
                 fmt::join(n.stddev, " "));
  }
  for (std::size_t i = 0; i < metadata.outputs.size(); ++i)
    if (const auto& labels = metadata.outputs[i].labels; !labels.empty())
      fmt::print(out, "  output {}  {} labels: {}, ...\n", i, labels.size(),
                 fmt::join(labels.begin(),
                           labels.begin() + std::min<std::ptrdiff_t>(
                                                3, static_cast<std::ptrdiff_t>(labels.size())),
                           ", "));
}

void print_plan(std::ostream& out, const Session& session) {
  const Graph& graph = session.model().graph;
  out << "\nsteps\n";
  Table steps({"#", "file", "operator", "kernel", "MACs", "makes"},
              {true, true, false, false, true, false});
  for (std::size_t i = 0; i < session.steps().size(); ++i) {
    const StepReport& step = session.steps()[i];
    const std::string makes =
        step.output == kNoTensor
            ? "-"
            : fmt::format("{} {}", step.output, tensor_text(graph.tensor(step.output)));
    const std::string op = fmt::format("{}{}", step.chained ? "+ " : "", step.op);
    steps.add({std::to_string(i), std::to_string(step.source_index), op, std::string(step.kernel),
               count_text(static_cast<double>(step.macs)), makes});
  }
  steps.print(out);
  out << "\narena\n";
  Table places({"offset", "bytes", "steps", "tensor"}, {true, true, true, false});
  for (const Placement& place : session.placements()) {
    const TensorInfo& info = graph.tensor(place.tensor);
    places.add({std::to_string(place.offset), std::to_string(place.bytes),
                fmt::format("{}-{}", place.first_step, place.last_step),
                fmt::format("{} {}{} {}", place.tensor, to_string(info.dtype),
                            to_string(info.shape), info.name)});
  }
  places.print(out);
}

void print_text(std::ostream& out, const Session& session, const Options& options) {
  const Model& model = session.model();
  fmt::print(out, "{}\n", options.model.path);
  print_metadata(out, model.metadata);
  print_tensors(out, "input", session, session.input_count(), &Session::input);
  print_tensors(out, "output", session, session.output_count(), &Session::output);
  fmt::print(out, "\n  steps      {}\n  MACs       {} ({})\n", session.steps().size(),
             count_text(static_cast<double>(session.macs())), session.macs());
  fmt::print(out, "  constants  {}\n  arena      {}\n", bytes_text(constant_bytes(model.graph)),
             bytes_text(session.arena_bytes()));
  if (!model.graph.variables.empty())
    fmt::print(out, "  variables  {} kept from run to run\n", model.graph.variables.size());
  out << "\n";
  Table operators({"operator", "steps", "MACs"}, {false, true, true});
  for (const OperatorRow& row : operators_of(session))
    operators.add({std::string(row.op), std::to_string(row.count),
                   row.macs == 0 ? "-" : count_text(static_cast<double>(row.macs))});
  operators.print(out);
  if (!model.passes.empty()) {
    out << "\n";
    Table passes({"pass", "changes"}, {false, true});
    for (const PassReport& pass : model.passes)
      passes.add({pass.pass, std::to_string(pass.changes)});
    passes.print(out);
  }
  if (options.plan) print_plan(out, session);
}

Json plan_json(const Session& session) {
  const Graph& graph = session.model().graph;
  Json steps = Json::array(), arena = Json::array();
  for (const StepReport& step : session.steps())
    steps.push_back(
        {{"source_index", step.source_index},
         {"operator", step.op},
         {"kernel", step.kernel},
         {"macs", step.macs},
         {"output",
          step.output == kNoTensor ? Json(nullptr) : tensor_json(graph.tensor(step.output))}});
  for (const Placement& place : session.placements())
    arena.push_back({{"tensor", place.tensor},
                     {"name", graph.tensor(place.tensor).name},
                     {"offset", place.offset},
                     {"bytes", place.bytes},
                     {"first_step", place.first_step},
                     {"last_step", place.last_step}});
  return {{"steps", steps}, {"arena", arena}};
}

Json to_json(const Session& session, const Options& options) {
  const Model& model = session.model();
  Json inputs = Json::array(), outputs = Json::array(), operators = Json::array(),
       passes = Json::array();
  for (std::size_t i = 0; i < session.input_count(); ++i)
    inputs.push_back(tensor_json(*session.input(i).info));
  for (std::size_t i = 0; i < session.output_count(); ++i)
    outputs.push_back(tensor_json(*session.output(i).info));
  for (std::size_t i = 0; i < model.metadata.inputs.size() && i < inputs.size(); ++i)
    if (const Normalisation& n = model.metadata.inputs[i].normalisation; !n.mean.empty())
      inputs[i]["normalisation"] = {{"mean", n.mean}, {"std", n.stddev}};
  for (std::size_t i = 0; i < model.metadata.outputs.size() && i < outputs.size(); ++i)
    if (!model.metadata.outputs[i].labels.empty())
      outputs[i]["labels"] = model.metadata.outputs[i].labels;
  for (const OperatorRow& row : operators_of(session))
    operators.push_back({{"operator", row.op}, {"steps", row.count}, {"macs", row.macs}});
  for (const PassReport& pass : model.passes)
    passes.push_back({{"pass", pass.pass}, {"changes", pass.changes}});
  Json json{{"model", options.model.path},
            {"name", model.metadata.name},
            {"description", model.metadata.description},
            {"inputs", inputs},
            {"outputs", outputs},
            {"steps", session.steps().size()},
            {"macs", session.macs()},
            {"constant_bytes", constant_bytes(model.graph)},
            {"arena_bytes", session.arena_bytes()},
            {"variables", model.graph.variables.size()},
            {"operators", operators},
            {"passes", passes}};
  if (options.plan) json["plan"] = plan_json(session);
  return json;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->model.declare(app);
  app.flag("--plan", options->plan, "list every step and every place in the arena");
  return [options](Console& console) -> Result<ExitCode> {
    PINFER_TRY(const Session session, options->model.open());
    if (console.json)
      print_json(console.out, to_json(session, *options));
    else
      print_text(console.out, session, *options);
    return ExitCode::ok;
  };
}

}  // namespace

extern const Verb inspect_verb;
const Verb inspect_verb{.name = "inspect",
                        .summary = "show operators, types, cost and memory of a model",
                        .examples =
                            "  pinfer inspect digits.tflite\n"
                            "  pinfer inspect digits.tflite --plan\n"
                            "  pinfer inspect digits.tflite --json | jq .arena_bytes\n",
                        .declare = declare};

}  // namespace pinfer
