// SPDX-License-Identifier: Apache-2.0
// The words of the configuration are those of the tables that they choose from.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "apps/pipeline/decoders/decoder.h"
#include "drivers/output/output.h"
#include "runtime/core/files.h"
#include "tests/apps/pipeline/config_fixture.h"

namespace pinfer {
namespace {

std::string output_with_driver(std::string_view driver) {
  const std::string line =
      driver == "pwm" ? "line: {chip: x.pwm, offset: 0}, servo: {off: 1ms, on: 2ms}" : "gpio: 17";
  return "board: simulated\ncamera: pattern:bars\nmodel: m\noutputs: {a: {" + line +
         ", driver: " + std::string(driver) + "}}\n";
}

TEST(ConfigWords, AreTheOutputDriversOfThisBuild) {
  for (const OutputDriver& driver : output_drivers()) {
    const ConfigLoad load = parse_text(output_with_driver(driver.name));
    ASSERT_TRUE(load) << render_text(load.diagnostics);
    EXPECT_EQ(load.config->outputs.at(0).spec.driver.view(), driver.name);
  }
  const ConfigLoad wrong = parse_text(output_with_driver("x"));
  ASSERT_EQ(wrong.diagnostics.size(), 1u);
  for (const std::string_view word : {"gpio", "pwm", "memory", "log"}) {
    EXPECT_NE(wrong.diagnostics[0].message.find(word), std::string::npos);
  }
  EXPECT_EQ(output_drivers().size(), 4u) << "name the new driver in config_outputs.cc";
}

TEST(ConfigWords, AreTheDecodersOfTheTable) {
  for (const Decoder* decoder : decoders()) {
    const ConfigLoad load = parse_text(
        "board: simulated\ncamera: pattern:bars\nmodel: m\ndecoder: " + std::string(decoder->name) +
        "\n");
    ASSERT_TRUE(load) << render_text(load.diagnostics);
    EXPECT_EQ(load.config->decoder.type, decoder->name);
  }
}

TEST(ConfigWords, OfArmNNAreAListOrAMap) {
  const std::string start = "board: simulated\ncamera: pattern:bars\nmodel: {path: m, ";
  const ConfigLoad brief = parse_text(start + "backend: armnn, armnn: [CpuAcc, CpuRef]}\n");
  ASSERT_TRUE(brief) << render_text(brief.diagnostics);
  EXPECT_EQ(brief.config->model.backend, "armnn");
  EXPECT_EQ(brief.config->model.armnn, (ArmnnConfig{.devices = {"CpuAcc", "CpuRef"}}));
  const ConfigLoad full =
      parse_text(start + "backend: armnn, armnn: {devices: GpuAcc, fast_math: yes, fp16: on}}\n");
  ASSERT_TRUE(full) << render_text(full.diagnostics);
  EXPECT_EQ(full.config->model.armnn,
            (ArmnnConfig{.devices = {"GpuAcc"}, .fast_math = true, .fp16 = true}));
  EXPECT_NE(brief.config->model, full.config->model);
}

std::string reference() {
  const auto text = read_file(PINFER_CONFIG_REFERENCE, kMaxConfigBytes);
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : "";
}

// The keys that a section names when it is given one that it does not know.
std::vector<std::string> keys_of(const std::string& yaml) {
  constexpr std::string_view kList = "unknown key; known are ";
  std::vector<std::string> keys;
  for (const Diagnostic& diagnostic : parse_text(yaml).diagnostics) {
    const std::size_t start = diagnostic.message.find(kList);
    if (start == std::string::npos) continue;
    std::istringstream list(diagnostic.message.substr(start + kList.size()));
    for (std::string key; std::getline(list >> std::ws, key, ',');) keys.push_back(key);
  }
  return keys;
}

TEST(ConfigReference, DescribesEveryKey) {
  const std::string text = reference();
  for (const std::string section :
       {"", "camera: ", "model: ", "model: {input: ", "model: {armnn: ", "decoder: ",
        "outputs: {a: ", "rules: {r: ", "rules: {r: {when: ", "rules: {r: {when: {any: [x], ",
        "guard: ", "log: ", "camera: {health: ", "journal: "}) {
    const auto depth = std::count(section.begin(), section.end(), '{');
    const bool open = section.ends_with(", ");
    const std::string yaml =
        section.empty() ? "qqqqqqqq: 1"
                        : section + (open ? "" : "{") + "qqqqqqqq: 1" +
                              std::string(static_cast<std::size_t>(depth) + (open ? 0 : 1), '}');
    const auto keys = keys_of(yaml);
    EXPECT_GE(keys.size(), 2u) << yaml;
    for (const std::string& key : keys) {
      const bool told = text.find("`" + key + "`") != std::string::npos ||
                        text.find("." + key + "`") != std::string::npos ||
                        text.find("`" + key + ".") != std::string::npos ||
                        (key == "frames" && text.find("`frames: ") != std::string::npos);
      EXPECT_TRUE(told) << section << key;
    }
  }
}

TEST(ConfigReference, ShowsAConfigurationThatLoads) {
  const std::string text = reference();
  const std::size_t start = text.find("```yaml\n") + 8;
  const std::string example = text.substr(start, text.find("```", start) - start);
  ConfigLoad load = parse_text(example);
  // its label file is not here; the model's own labels would be asked instead
  EXPECT_TRUE(load) << render_text(load.diagnostics);
}

}  // namespace
}  // namespace pinfer
