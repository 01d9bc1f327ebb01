// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/core/files.h"
#include "tests/apps/pipeline/config_fixture.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kSmall = R"(
board: simulated
camera: pattern:bars
model: digits.tflite
)";

Config must(const ConfigLoad& load) {
  EXPECT_TRUE(load) << render_text(load.diagnostics);
  return load.config.value_or(Config{});
}

// A folder of its own, removed at the end.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "pinfer_config_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TempFolder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(Config, ReadsEveryKey) {
  const auto load = load_config(std::string(PINFER_GOOD_CONFIGS) + "/gate.yaml", test_options());
  const Config config = must(load);
  EXPECT_TRUE(load.diagnostics.empty()) << render_text(load.diagnostics);
  EXPECT_EQ(config.board, "raspberry-pi-5");
  EXPECT_EQ(config.board_name, "Raspberry Pi 5");
  EXPECT_EQ(config.camera, (CameraConfig{"/dev/video0", 640, 480, 15.0, false}));
  EXPECT_TRUE(config.model.path.ends_with("good_configs/models/ssd.tflite")) << config.model.path;
  EXPECT_EQ(config.model.labels, (std::vector<std::string>{"person", "bicycle", "car", "dog"}));
  EXPECT_EQ(config.model.threads, 4);
  EXPECT_EQ(config.model.input,
            (ModelInputConfig{ResizeMode::letterbox, ColorOrder::rgb, {127.5f}, {127.5f}}));
  EXPECT_EQ(config.decoder, (DecoderConfig{"ssd", 20, 0.2f, false}));
  EXPECT_EQ(config.frame_max_age, 1500ms);
  EXPECT_EQ(config.guard, (GuardConfig{"/run/pinfer/guard.sock", 500ms}));
  EXPECT_EQ(config.log, (LogConfig{LogLevel::debug, LogFormat::json}));
  ASSERT_EQ(config.zones.size(), 1u);
  EXPECT_EQ(config.zones[0].name, "door");
  EXPECT_EQ(config.zones[0].polygon,
            (std::vector<Point>{{0.1f, 0.2f}, {0.9f, 0.2f}, {0.9f, 1.0f}, {0.1f, 1.0f}}));
}

TEST(Config, OfTheDemoLoadsWithAllItsFiles) {
  ConfigOptions options = test_options();
  options.check_files = true;
  const ConfigLoad load = load_config(PINFER_DEMO_CONFIG, options);
  must(load);
  EXPECT_TRUE(load.diagnostics.empty()) << render_text(load.diagnostics);
}

TEST(Config, FindsTheLinesOfTheOutputs) {
  const Config config =
      must(load_config(std::string(PINFER_GOOD_CONFIGS) + "/gate.yaml", test_options()));
  ASSERT_EQ(config.outputs.size(), 4u);
  const OutputConfig& gate = config.outputs[0];
  EXPECT_EQ(gate.name, "gate");
  EXPECT_EQ(gate.spec.name.view(), "gate");
  EXPECT_EQ(gate.spec.driver.view(), "gpio");
  EXPECT_EQ(gate.spec.chip.view(), "pinctrl-rp1");
  EXPECT_EQ(gate.spec.offset, 17u);
  EXPECT_TRUE(gate.spec.active_low);
  EXPECT_FALSE(gate.spec.safe_active);
  EXPECT_EQ(gate.spec.bias, Bias::pull_up);
  EXPECT_EQ(gate.ttl, 300ms);
  EXPECT_EQ(gate.place, "GPIO17 (header pin 11)");
  EXPECT_EQ(config.outputs[1].spec.offset, 27u) << "pin 13 is GPIO27";
  EXPECT_EQ(config.outputs[1].ttl, 500ms) << "the guard's default";
  EXPECT_TRUE(config.outputs[2].spec.safe_active);
  EXPECT_EQ(config.outputs[2].spec.bias, Bias::as_is);
  EXPECT_EQ(config.outputs[3].spec.driver.view(), "log");
}

TEST(Config, ReadsTheTreeOfConditions) {
  const Config config =
      must(load_config(std::string(PINFER_GOOD_CONFIGS) + "/gate.yaml", test_options()));
  ASSERT_EQ(config.rules.size(), 4u);
  const RuleConfig& open = config.rules[0];
  EXPECT_EQ(open.name, "open_gate");
  EXPECT_EQ(open.output, "gate");
  EXPECT_EQ(open.delayed_on, 100ms);
  EXPECT_EQ(open.pulse, 300ms);
  EXPECT_EQ(open.when.kind, ConditionKind::all);
  ASSERT_EQ(open.when.children.size(), 2u);
  Condition at_door;
  at_door.labels = {"person", "dog"};
  at_door.threshold_high = 0.6f;
  at_door.threshold_low = 0.4f;
  at_door.zone = "door";
  at_door.anchor = BoxAnchor::bottom;
  at_door.seen = 3;
  at_door.of = 5;
  EXPECT_EQ(open.when.children[0], at_door);
  EXPECT_EQ(open.when.children[1].kind, ConditionKind::negate);
  EXPECT_EQ(open.when.children[1].children.at(0).of, 10);
  EXPECT_EQ(config.rules[1].when.min_count, 2);
  EXPECT_EQ(config.rules[1].max_hold, 1h);
  EXPECT_EQ(config.rules[2].when.labels, std::vector<std::string>{"car"}) << "when: car";
  EXPECT_EQ(config.rules[3].when.children.at(1).classes, (std::vector<std::int32_t>{1, 2}));
}

TEST(Config, IsEqualToItselfAndNotToAnother) {
  const Config config = must(parse_text(kSmall));
  EXPECT_EQ(config, must(parse_text(kSmall)));
  EXPECT_EQ(config, must(parse_text(std::string("# a comment\n") + kSmall)));
  EXPECT_NE(config, must(parse_text(std::string(kSmall) + "frame_max_age: 2s\n")));
}

TEST(Config, TakesListsWhoseEntriesAreCommentedOut) {
  const Config config =
      must(parse_text(std::string(kSmall) + "outputs:\n  # gate:\nrules:\nzones:\n"));
  EXPECT_TRUE(config.outputs.empty());
}

TEST(Config, WarnsOfAnOutputThatNoRuleDrives) {
  const ConfigLoad load = parse_text(std::string(kSmall) + "outputs:\n  gate: {gpio: 17}\n");
  must(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(render_text(load.diagnostics[0]),
            "config.yaml:6:3: warning: outputs.gate: no rule drives the output 'gate'; it stays at "
            "its safe level\n    gate: {gpio: 17}\n    ^\n");
}

TEST(Config, WarnsOfAThresholdThatTheDecoderHides) {
  const ConfigLoad load = parse_text(std::string(kSmall) + R"(
decoder: {type: ssd, min_score: 0.5}
outputs: {gate: {gpio: 17}}
rules:
  r: {output: gate, when: {class: 1, threshold_high: 0.6, threshold_low: 0.4}}
)");
  must(load);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].severity, Severity::warning);
  EXPECT_EQ(load.diagnostics[0].line, 9);
  EXPECT_EQ(load.diagnostics[0].column, 59);
  EXPECT_EQ(load.diagnostics[0].message, "decoder.min_score 0.5 hides the scores down to 0.4");
}

TEST(Config, PutsTheEnvironmentIntoValuesOnly) {
  const Config config = must(parse_text(R"(
board: simulated
camera: {source: "${PINFER_TEST_CAMERA}", fps: "${PINFER_TEST_UNSET:-12.5}"}
model: m${PINFER_TEST_NUMBER}-$${PINFER_TEST_NUMBER}-$5.tflite
log: {level: "${PINFER_TEST_EMPTY:-debug}"}
)"));
  EXPECT_EQ(config.camera.source, "/dev/video7");
  EXPECT_EQ(config.camera.fps, 12.5);
  EXPECT_EQ(config.model.path, "m77-${PINFER_TEST_NUMBER}-$5.tflite");
  EXPECT_EQ(config.log.level, LogLevel::debug);
}

TEST(Config, LetsTheEnvironmentAddNoStructure) {
  ConfigOptions options = test_options();
  options.environment = [](const std::string&) { return std::string("x, gpio: 1}"); };
  const ConfigLoad load = parse_config("board: simulated\ncamera: x\nmodel: {path: \"${X}\"}\n",
                                       "config.yaml", options);
  EXPECT_EQ(must(load).model.path, "x, gpio: 1}");
}

TEST(Config, MergesAnchorsAndOwnKeysWin) {
  const Config config = must(parse_text(std::string(kSmall) + R"(
templates:
  base: &base {active: low, ttl: 1s}
  slow: &slow {ttl: 2s, bias: up}
outputs:
  a: {<<: [*base, *slow], gpio: 17, active: high}
  b: {<<: *slow, gpio: 27}
rules: {r: {output: a, when: {class: 1}}, s: {output: b, when: {class: 2}}}
)"));
  EXPECT_FALSE(config.outputs[0].spec.active_low);
  EXPECT_EQ(config.outputs[0].ttl, 1s) << "the first of the list wins";
  EXPECT_EQ(config.outputs[0].spec.bias, Bias::pull_up);
  EXPECT_EQ(config.outputs[1].ttl, 2s);
}

TEST(Config, ReadsALabelFileBesideIt) {
  const TempFolder folder;
  folder.write("net/labels.txt", "\xEF\xBB\xBFperson\r\ncar\r\n");
  folder.write("net/m.tflite", "x");
  const std::string path =
      folder.write("config.yaml",
                   "board: simulated\ncamera: pattern:bars\nmodel: {path: net/m.tflite, labels: "
                   "net/labels.txt}\n"
                   "outputs: {lamp: {pin: 11}}\nrules: {r: {output: lamp, when: cat}}\n");
  ConfigOptions options = test_options();
  options.check_files = true;
  const ConfigLoad load = load_config(path, options);
  EXPECT_FALSE(load);
  ASSERT_EQ(load.diagnostics.size(), 1u) << render_text(load.diagnostics);
  EXPECT_EQ(load.diagnostics[0].line, 5);
  EXPECT_EQ(load.diagnostics[0].column, 33);
  EXPECT_EQ(load.diagnostics[0].message,
            "'cat' is not one of the 2 labels of the model (did you mean car?)");
}

TEST(Config, ReportsFilesThatAreNotThere) {
  ConfigOptions options = test_options();
  options.check_files = true;
  const ConfigLoad load = parse_config(
      "board: simulated\ncamera: file://clip.mp4\nmodel: {path: m.tflite, labels: l.txt}\n",
      "/nonexistent/config.yaml", options);
  ASSERT_EQ(load.diagnostics.size(), 3u) << render_text(load.diagnostics);
  EXPECT_EQ(load.diagnostics[0].message, "/nonexistent/clip.mp4: no such file or folder");
  EXPECT_EQ(load.diagnostics[1].message, "there is no file /nonexistent/m.tflite");
  EXPECT_EQ(load.diagnostics[2].path, "model.labels");
}

TEST(Config, TakesRelativePathsFromItsOwnFolder) {
  const ConfigLoad load =
      parse_config("board: simulated\ncamera: file://../clips/a.mp4\nmodel: ./m.tflite\n",
                   "/etc/pinfer/config.yaml", test_options());
  EXPECT_EQ(must(load).camera.source, "file:///etc/clips/a.mp4");
  EXPECT_EQ(must(load).model.path, "/etc/pinfer/m.tflite");
}

TEST(Config, LeavesSourcesThatAreNoFilesAlone) {
  for (const std::string source :
       {"rtsp://10.0.0.7:554/stream?a=b", "csi://0", "v4l2:///dev/video0",
        "gst:videotestsrc ! appsink", "pattern:bars", "/dev/video0"}) {
    const ConfigLoad load =
        parse_text("board: simulated\ncamera: {source: \"" + source + "\"}\nmodel: m.tflite\n");
    EXPECT_EQ(must(load).camera.source, source);
  }
}

TEST(Config, ChecksLabelsAgainstAModelThatBringsItsOwn) {
  const ConfigLoad load = parse_text(std::string(kSmall) + R"(
outputs: {gate: {gpio: 17}}
rules:
  r: {output: gate, when: {any: [seven, {label: [one, nein]}]}}
)");
  must(load);
  const std::vector<std::string> labels = {"one", "seven", "nine"};
  const auto unknown = check_labels(load, labels);
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown[0].line, 8);
  EXPECT_EQ(unknown[0].column, 55);
  EXPECT_EQ(unknown[0].path, "rules.r.when.any[1].label[1]");
  EXPECT_EQ(check_labels(load, {}).size(), 3u) << "a model without labels knows none";
}

TEST(Config, DetectsTheBoardFromTheDeviceTree) {
  const TempFolder folder;
  using namespace std::string_literals;
  folder.write("compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0"s);
  ConfigOptions options = test_options();
  options.device_tree = folder.path().string();
  const ConfigLoad load = parse_config("camera: pattern:bars\nmodel: m\noutputs: {a: {gpio: 17}}\n",
                                       "config.yaml", options);
  EXPECT_EQ(must(load).board, "raspberry-pi-4");
  EXPECT_EQ(must(load).outputs[0].spec.chip.view(), "pinctrl-bcm2711");
}

TEST(Config, SaysAllOfItInOneErrorForCallersThatPassItOn) {
  const auto config =
      require_config(std::string(PINFER_BAD_CONFIGS) + "/many_errors_at_once.yaml", test_options());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::config);
  EXPECT_NE(config.error().message.find(":4:3: camera.widht: unknown key"), std::string::npos);
  EXPECT_NE(config.error().message.find(":21:14: log.level: must be"), std::string::npos);
}

TEST(Config, TakesTheExampleThatIsInstalledOnABoardWithAHeader) {
  auto text = read_file("systemd/config.yaml.example", kMaxConfigBytes);
  ASSERT_TRUE(text) << text.error().message;
  const std::string_view found = "board: auto";
  ASSERT_NE(text->find(found), std::string::npos);
  text->replace(text->find(found), found.size(), "board: raspberry-pi-5");
  const Config config = must(parse_config(*text, "config.yaml", test_options()));
  EXPECT_EQ(config.outputs.size(), 1u);
  EXPECT_EQ(config.rules.size(), 1u);
}

TEST(Config, RefusesAFolderWithoutBoards) {
  ConfigOptions options = test_options();
  options.boards_dir = "/nonexistent";
  const ConfigLoad load = parse_config(kSmall, "config.yaml", options);
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(load.diagnostics[0].path, "board");
  EXPECT_NE(load.diagnostics[0].message.find("/nonexistent"), std::string::npos);
}

TEST(Diagnostics, AreRenderedForMachines) {
  const ConfigLoad load = parse_text("board: \"a\\\"b\"\ncamera: x\nmodel: m\n");
  ASSERT_EQ(load.diagnostics.size(), 1u);
  EXPECT_EQ(
      render_json(load.diagnostics),
      R"([{"severity":"error","file":"config.yaml","line":1,"column":8,"path":"board",)"
      R"("message":"there is no board 'a\"b'; known are auto, generic, jetson-nano, )"
      R"(jetson-orin-nano, jetson-orin-nx, raspberry-pi-3, raspberry-pi-4, raspberry-pi-400, )"
      R"(raspberry-pi-5, raspberry-pi-cm4, raspberry-pi-zero-2w, simulated",)"
      R"("source":"board: \"a\\\"b\"","caret":8}])");
  EXPECT_EQ(render_json({}), "[]");
}

TEST(Diagnostics, KeepTabsUnderTheCaret) {
  Diagnostic diagnostic{Severity::error, "f", 1, 3, "", "m", "\t\tx", 3};
  EXPECT_EQ(render_text(diagnostic), "f:1:3: m\n  \t\tx\n  \t\t^\n");
}

}  // namespace
}  // namespace pinfer
