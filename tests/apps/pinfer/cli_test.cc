// SPDX-License-Identifier: Apache-2.0
// The command line as a user types it, on the demo's network.
#include "apps/pinfer/cli.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/pinfer/npy.h"
#include "apps/pinfer/verb.h"

namespace pinfer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kModel = "apps/demo/digits.tflite";

struct Ran {
  int code = -1;
  std::string out, err;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
};

Ran pinfer_cli(std::vector<std::string> arguments) {
  std::ostringstream out, err;
  const int code = run_cli(std::move(arguments), out, err);
  return {code, out.str(), err.str()};
}

// A folder of its own, gone at the end.
class Cli : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("pinfer_cli_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string picture_npy() const {
    std::vector<std::byte> pixels(28 * 28, std::byte{0x80});
    const std::string file = path("x.npy");
    EXPECT_TRUE(write_npy(file, DType::i8, std::vector<std::int32_t>{1, 28, 28, 1}, pixels));
    return file;
  }

  std::filesystem::path folder_;
};

TEST_F(Cli, HelpNamesEveryVerbAndEveryVerbHasExamples) {
  const Ran ran = pinfer_cli({"--help"});
  EXPECT_EQ(ran.code, 0);
  ASSERT_FALSE(verbs().empty());
  for (const Verb* verb : verbs()) {
    EXPECT_THAT(ran.out, HasSubstr(std::string(verb->name)));
    const Ran help = pinfer_cli({std::string(verb->name), "--help"});
    EXPECT_EQ(help.code, 0) << verb->name;
    EXPECT_THAT(help.out, AllOf(HasSubstr("--json"), HasSubstr("Examples:"))) << verb->name;
  }
  EXPECT_THAT(pinfer_cli({"--version"}).out, testing::StartsWith("pinfer "));
}

TEST_F(Cli, WrongUseIsExitCodeTwoWithASuggestion) {
  const Ran verb = pinfer_cli({"inspekt", kModel});
  EXPECT_EQ(verb.code, 2);
  EXPECT_THAT(verb.err, AllOf(HasSubstr("no verb 'inspekt'"), HasSubstr("`inspect`")));
  const Ran option = pinfer_cli({"bench", kModel, "--thread=2"});
  EXPECT_EQ(option.code, 2);
  EXPECT_THAT(option.err, HasSubstr("did you mean `--threads`?"));
  EXPECT_EQ(pinfer_cli({}).code, 2);
  EXPECT_EQ(pinfer_cli({"bench", kModel, "--threads", "0"}).code, 2);
  EXPECT_EQ(pinfer_cli({"bench", kModel, "--isa", "mmx"}).code, 2);
  EXPECT_THAT(pinfer_cli({"inspect"}).err, HasSubstr("MODEL"));
}

TEST_F(Cli, AModelThatCannotBeReadIsExitCodeOne) {
  const Ran ran = pinfer_cli({"inspect", path("none.tflite")});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("none.tflite"));
  const Ran json = pinfer_cli({"inspect", path("none.tflite"), "--json"});
  EXPECT_EQ(json.code, 1);
  EXPECT_THAT(json.json().at("error").get<std::string>(), HasSubstr("none.tflite"));
  EXPECT_THAT(json.err, IsEmpty());
}

TEST_F(Cli, InferWritesTheOutputsAsNpy) {
  const Ran ran = pinfer_cli({"infer", kModel, "--input", picture_npy(), "--output", path("o")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto written = read_npy(path("o/out0.npy"));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->dtype, DType::i8);
  EXPECT_EQ(written->shape, (std::vector<std::int64_t>{1, 11}));
  // An empty board is class 10, "none".
  const auto* values = reinterpret_cast<const std::int8_t*>(written->data.data());
  EXPECT_EQ(std::max_element(values, values + 11) - values, 10);
}

TEST_F(Cli, InferGivesTheSameBytesWithAnyThreadsIsaAndPasses) {
  const std::string input = picture_npy();
  std::vector<std::byte> first;
  for (const std::vector<std::string>& extra : std::vector<std::vector<std::string>>{
           {}, {"--threads", "4"}, {"--no-passes"}, {"--isa", "scalar"}, {"--profile"}}) {
    std::vector<std::string> words = {"infer",    kModel,   "--input", "picture=" + input,
                                      "--output", path("o")};
    words.insert(words.end(), extra.begin(), extra.end());
    const Ran ran = pinfer_cli(words);
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto written = read_npy(path("o/out0.npy"));
    ASSERT_TRUE(written);
    if (first.empty()) first = written->data;
    EXPECT_EQ(written->data, first);
  }
}

TEST_F(Cli, InferReadsAPicture) {
  const Ran ran =
      pinfer_cli({"infer", kModel, "--input", "apps/demo/digits_test/7/000.png", "--json"});
  if (ran.out.find("without OpenCV") != std::string::npos) GTEST_SKIP() << ran.out;
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  const auto json = ran.json();
  EXPECT_EQ(json.at("decoder"), "classification");
  EXPECT_EQ(json.at("predictions").at(0).at("label"), "7");
}

TEST_F(Cli, InferSaysWhichInputIsWrong) {
  const std::string input = picture_npy();
  EXPECT_THAT(pinfer_cli({"infer", kModel, "--input", "pictur=" + input}).err,
              HasSubstr("did you mean 'picture'?"));
  EXPECT_THAT(pinfer_cli({"infer", kModel, "--input", input, "--input", input}).err,
              HasSubstr("has only 1 inputs"));
  std::vector<std::byte> wrong(4 * 28 * 28);
  const std::string file = path("wrong.npy");
  ASSERT_TRUE(write_npy(file, DType::f32, std::vector<std::int32_t>{1, 28, 28, 1}, wrong));
  const Ran ran = pinfer_cli({"infer", kModel, "--input", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("float32[1x28x28x1]"), HasSubstr("int8[1x28x28x1]")));
}

TEST_F(Cli, InspectTellsOperatorsCostAndPlan) {
  const Ran text = pinfer_cli({"inspect", kModel, "--plan"});
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("CONV_2D"), HasSubstr("MACs"), HasSubstr("arena"),
                              HasSubstr("drop_reshapes")));
  const auto json = pinfer_cli({"inspect", kModel, "--plan", "--json"}).json();
  EXPECT_EQ(json.at("inputs").at(0).at("shape"), (nlohmann::json{1, 28, 28, 1}));
  EXPECT_EQ(json.at("outputs").at(0).at("labels").size(), 11u);
  EXPECT_EQ(json.at("plan").at("steps").size(), json.at("steps").get<std::size_t>());
  std::int64_t macs = 0;
  for (const auto& row : json.at("operators")) macs += row.at("macs").get<std::int64_t>();
  EXPECT_EQ(macs, json.at("macs").get<std::int64_t>());
  EXPECT_GT(json.at("arena_bytes").get<std::size_t>(), 0u);
}

TEST_F(Cli, BenchGivesOrderedTimes) {
  const auto json =
      pinfer_cli({"bench", kModel, "--warmup", "1", "--runs", "9", "--profile", "--json"}).json();
  EXPECT_EQ(json.at("runs"), 9);
  EXPECT_GT(json.at("min_ms").get<double>(), 0.0);
  EXPECT_LE(json.at("min_ms").get<double>(), json.at("median_ms").get<double>());
  EXPECT_LE(json.at("median_ms").get<double>(), json.at("p90_ms").get<double>());
  EXPECT_LE(json.at("p90_ms").get<double>(), json.at("p99_ms").get<double>());
  EXPECT_FALSE(json.at("profile").empty());
}

TEST_F(Cli, BenchSaysWhichStepTakesTheTimeAndWithWhichKernel) {
  const Ran ran = pinfer_cli({"bench", kModel, "--runs", "3", "--profile", "--isa", "scalar",
                              "--trace", path("trace.json"), "--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto json = ran.json();
  EXPECT_EQ(json.at("isa"), "scalar");
  std::int64_t macs = 0;
  int rated = 0;
  for (const auto& step : json.at("steps")) {
    macs += step.at("macs").get<std::int64_t>();
    // Null where a step is too small for its rate to mean anything.
    if (step.at("of_peak").is_number()) {
      EXPECT_LE(step.at("of_peak").get<double>(), 1.0);
      ++rated;
    }
    const std::string kernel = step.at("kernel");
    if (kernel.find("__") != std::string::npos) {
      EXPECT_THAT(kernel, testing::EndsWith("__scalar"));
    }
  }
  EXPECT_EQ(macs, json.at("macs").get<std::int64_t>());
  EXPECT_GT(rated, 0);
  std::ifstream file(path("trace.json"));
  const auto trace = nlohmann::json::parse(file);
  EXPECT_EQ(trace.at("traceEvents").size(), json.at("steps").size());
  EXPECT_THAT(pinfer_cli({"bench", kModel, "--runs", "3", "--profile"}).out,
              AllOf(HasSubstr("of peak"), HasSubstr("peak: ")));
}

TEST_F(Cli, EvalMeasuresTheDemoNetwork) {
  const Ran ran = pinfer_cli({"eval", kModel, "apps/demo/digits_test", "--json"});
  if (ran.out.find("without OpenCV") != std::string::npos) GTEST_SKIP() << ran.out;
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_GE(ran.json().at("examples").get<int>(), 1000);
  EXPECT_GE(ran.json().at("top1").get<double>(), 0.97);
  const Ran text = pinfer_cli({"eval", kModel, "apps/demo/digits_test", "--limit", "40"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("top-1"), HasSubstr("taken for")));
  EXPECT_EQ(pinfer_cli({"eval", kModel, folder_.string()}).code, 2);
}

TEST_F(Cli, InfoNamesKernelsAndDrivers) {
  const auto json = pinfer_cli({"info", "--json"}).json();
  EXPECT_FALSE(json.at("kernels").at("copy").empty());
  EXPECT_FALSE(json.at("outputs").empty());
  EXPECT_FALSE(json.at("cameras").empty());
  EXPECT_EQ(pinfer_cli({"info"}).code, 0);
}

// What pinferd with `backend: auto` has measured, on the demo's configuration.
TEST_F(Cli, InfoExplainsTheLastChoice) {
  const std::string config = "apps/demo/config.yaml";
  const auto explain = [&](std::vector<std::string> more) {
    // A folder that --retune makes.
    const std::string cache = (folder_ / "cache" / "pinfer").string();
    std::vector<std::string> words = {"info", "--explain", "--cache", cache};
    words.insert(words.end(), more.begin(), more.end());
    return pinfer_cli(words);
  };
  const Ran none = explain({kModel});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, AllOf(HasSubstr("not measured yet: "), HasSubstr("--retune")));
  if (explain({config, "--boards", "boards"}).err.find("not measured") == std::string::npos)
    GTEST_SKIP() << "built without configurations";

  const Ran nowhere = pinfer_cli(
      {"info", "--explain", config, "--boards", "boards", "--cache", "/proc/nowhere", "--retune"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("/proc/nowhere: cannot make the folder"));

  const Ran measured = explain({config, "--boards", "boards", "--retune"});
  ASSERT_EQ(measured.code, 0) << measured.err;
  EXPECT_THAT(measured.out,
              AllOf(HasSubstr("p90 ms"), HasSubstr("backend cpu   this program"),
                    HasSubstr("machine       simulated, "), HasSubstr("the choice holds")));
  const Ran again = explain({config, "--boards", "boards"});
  EXPECT_EQ(again.out, measured.out) << "kept, not measured once more";

  const auto json = explain({kModel, "--json"}).json();
  ASSERT_EQ(json.at("tunings").size(), 1u);
  const auto& tuning = json.at("tunings").at(0);
  EXPECT_TRUE(tuning.at("holds").get<bool>());
  EXPECT_EQ(tuning.at("trials").at(0).at("backend"), "cpu");
  EXPECT_EQ(tuning.at("trials").at(0).at("differing_elements"), 0);
  EXPECT_EQ(tuning.at("fastest").at("backend"), "cpu");
  EXPECT_THAT(tuning.at("why").get<std::string>(), HasSubstr("cpu with "));
  EXPECT_THAT(tuning.at("measured_at").get<std::string>(), testing::StartsWith("20"));
  EXPECT_EQ(explain({"--json"}).json().at("tunings").size(), 1u);
}

TEST_F(Cli, InfoExplainsThatAChoiceDoesNotHoldAnyMore) {
  const std::string config = "apps/demo/config.yaml";
  std::vector<std::string> words = {"info",   "--explain", config,           "--boards",
                                    "boards", "--cache",   folder_.string(), "--retune"};
  if (pinfer_cli(words).code != 0) GTEST_SKIP() << "built without configurations";
  words.pop_back();
  std::filesystem::path kept;  // beside the GPU's shaders
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    if (entry.path().extension() == ".txt") kept = entry.path();
  std::ifstream in(kept);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::string line = "backend cpu: this program";
  text.replace(text.find(line), line.size(), "backend cpu: a program of before");
  std::filesystem::remove(kept);
  std::ofstream(path("tuning-0000000000000000.txt")) << text;
  const Ran ran = pinfer_cli(words);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("backend cpu is now this program"),
                             HasSubstr("does not hold any more"), HasSubstr("--retune")));
}

TEST_F(Cli, InfoExplainsOnlyWhatIsMeasured) {
  EXPECT_EQ(pinfer_cli({"info", kModel}).code, 2);
  EXPECT_EQ(pinfer_cli({"info", "--retune"}).code, 2);
  EXPECT_EQ(pinfer_cli({"info", "--explain", kModel, "--retune"}).code, 2);
  std::ifstream demo("apps/demo/config.yaml");
  std::string text((std::istreambuf_iterator<char>(demo)), {});
  const std::string model = "path: digits.tflite";
  text.replace(text.find(model), model.size(),
               "path: " + std::filesystem::absolute(kModel).string() + "\n  backend: cpu");
  std::ofstream(path("named.yaml")) << text;
  const Ran named = pinfer_cli({"info", "--explain", path("named.yaml"), "--boards", "boards"});
  EXPECT_NE(named.code, 0);
  if (named.err.find("model.backend") == std::string::npos) GTEST_SKIP() << named.err;
  EXPECT_EQ(named.code, 1);
  EXPECT_THAT(named.err, HasSubstr("model.backend is cpu, which is not measured"));
}

TEST_F(Cli, CompletionKnowsEveryVerbAndOption) {
  for (const char* shell : {"bash", "zsh"}) {
    const Ran ran = pinfer_cli({"completion", shell});
    ASSERT_EQ(ran.code, 0);
    for (const Verb* verb : verbs()) EXPECT_THAT(ran.out, HasSubstr(std::string(verb->name)));
    EXPECT_THAT(ran.out, HasSubstr("--no-passes"));
    EXPECT_THAT(ran.out, HasSubstr("release-test"));  // a verb of a verb
  }
  EXPECT_EQ(pinfer_cli({"completion", "fish"}).code, 2);
}

}  // namespace
}  // namespace pinfer
