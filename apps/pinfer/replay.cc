// SPDX-License-Identifier: Apache-2.0
// pinfer replay: a recorded clip through a configuration. Time comes from the frames, so the edges
// are the same on every machine and every time.
#include <fmt/ostream.h>

#include <memory>

#include "apps/pinfer/config_option.h"
#include "apps/pinfer/text.h"
#include "apps/pinfer/timeline.h"
#include "apps/pinferd/daemon.h"
#include "apps/pinferd/edges.h"
#include "apps/pipeline/pipeline.h"
#include "runtime/core/files.h"

namespace pinfer {
namespace {

constexpr std::uint64_t kMaxTimelineBytes = 16u << 20;

struct Options {
  ConfigOption config;
  std::string clip, expect;
};

struct Replay {
  Timeline timeline;
  std::uint64_t frames = 0;
};

TimelineEdge timeline_edge(const Event& edge, MonotonicTime start) {
  const auto since = std::chrono::round<std::chrono::milliseconds>(edge.at - start);
  const std::string why = edge.rule.empty()
                              ? fmt::format("withheld: {}", to_string(edge.cause))
                              : fmt::format("rule {}: {}", edge.rule.view(), edge.reason.view());
  return {since.count(), std::string(edge.output.view()), edge.active,
          fmt::format("{}, frame {}", why, edge.sequence)};
}

// The edges of a dry run: decisions, and back to the safe levels when frames decide nothing.
void collect_edges(EventRing& events, EdgeTracker& edges, MonotonicTime start, Timeline& timeline) {
  for (Event event; events.pop(event);) {
    if (event.kind == EventKind::decision) {
      if (const auto edge = edges.on_decision(event, true))
        timeline.push_back(timeline_edge(*edge, start));
      continue;
    }
    edges.note_frame(event);
    if (event.kind != EventKind::withheld) continue;
    for (const Event& edge : edges.all_safe(event.cause, event.at))
      timeline.push_back(timeline_edge(edge, start));
  }
}

Result<Replay> replay(const Options& options) {
  PINFER_TRY(const Config config, options.config.require(false));
  PINFER_TRY(const auto model, load_model(config.model.path, {}));
  SourceSpec spec;
  spec.uri = options.clip;
  PINFER_TRY(const auto source, create_source(spec));
  if (!source->is_replay())
    return fail(ErrorCode::invalid_argument, "{}: not a clip or a folder of pictures",
                options.clip);
  Replay result;
  const auto events = std::make_unique<EventRing>();
  std::unique_ptr<Pipeline> pipeline;
  EdgeTracker edges;
  edges.set_outputs(config.outputs);
  MonotonicTime start;
  for (;;) {
    Frame frame;
    const Status status = source->next(frame, MonotonicTime::now() + std::chrono::seconds(10));
    if (status == Status::end) return result;
    if (status != Status::ok)
      return fail(ErrorCode::io, "{}: after {} frames: {}", options.clip, result.frames,
                  to_string(status));
    if (result.frames++ == 0) start = frame.captured_at;
    if (pipeline == nullptr || pipeline->frame_geometry() != geometry_of(frame)) {
      PINFER_TRY(auto next, Pipeline::create(config, model, {geometry_of(frame), true}));
      if (pipeline != nullptr) next->adopt_state_from(*pipeline);
      pipeline = std::move(next);
      pipeline->report_to(events.get());
    }
    if (const Status run = pipeline->process(frame); run != Status::ok && run != Status::cancelled)
      return fail(ErrorCode::internal, "{}: frame {}: {}", options.clip, frame.sequence,
                  to_string(run));
    collect_edges(*events, edges, start, result.timeline);
  }
}

void print(std::ostream& out, const Replay& result) {
  for (const TimelineEdge& edge : result.timeline) out << edge_text(edge) << "\n";
}

Json to_json(const Replay& result, const std::string& diff, bool compared) {
  Json edges = Json::array();
  for (const TimelineEdge& edge : result.timeline)
    edges.push_back({{"seconds", static_cast<double>(edge.at_ms) / 1000.0},
                     {"output", edge.output},
                     {"level", edge.active ? "on" : "off"},
                     {"why", edge.comment}});
  Json json{{"frames", result.frames}, {"edges", edges}};
  if (compared) json["as_expected"] = diff.empty();
  if (!diff.empty()) json["diff"] = diff;
  return json;
}

Result<ExitCode> run(const Options& options, Console& console) {
  Timeline want;
  const bool compare = !options.expect.empty();
  if (compare) {
    PINFER_TRY(const std::string text, read_file(options.expect, kMaxTimelineBytes));
    PINFER_TRY(want, parse_timeline(text, options.expect));
  }
  prepare_camera_environment();
  PINFER_TRY(const Replay result, replay(options));
  const std::string diff = compare ? timeline_diff(want, result.timeline) : std::string();
  if (console.json) {
    print_json(console.out, to_json(result, diff, compare));
  } else {
    print(console.out, result);
    if (!diff.empty())
      fmt::print(console.err, "pinfer: the timeline differs from {} (- expected, + got):\n{}",
                 options.expect, diff);
  }
  return diff.empty() ? ExitCode::ok : ExitCode::failed;
}

Action declare(OptionList& app) {
  const auto options = std::make_shared<Options>();
  options->config.declare(app);
  app.add("clip", options->clip, "a clip or a folder of pictures").required().placeholder("CLIP");
  app.add("--expect", options->expect, "exit 1 unless the edges are those of this file");
  return [options](Console& console) { return run(*options, console); };
}

}  // namespace

extern const Verb replay_verb;
const Verb replay_verb{.name = "replay",
                       .summary = "play a clip through a configuration and print the edges",
                       .examples =
                           "  pinfer replay config.yaml clip.avi > expected.txt\n"
                           "  pinfer replay config.yaml clip.avi --expect expected.txt\n",
                       .declare = declare};

}  // namespace pinfer
