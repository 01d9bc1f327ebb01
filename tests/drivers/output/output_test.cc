// SPDX-License-Identifier: Apache-2.0
// The contract of every driver of outputs.inc, on whatever this machine can offer.
#include "drivers/output/output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "drivers/output/memory_chip.h"
#include "runtime/core/unique_fd.h"
#include "tests/drivers/output/pwm_tree.h"

namespace pinfer {
namespace {

using ::testing::HasSubstr;

class OutputTest : public ::testing::Test {
 protected:
  OutputTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinfer-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~OutputTest() override { std::filesystem::remove_all(folder); }

  // The spec of a line that works here, or nothing: gpio needs a simulated chip (gpio-sim with the
  // label "gpio-sim", modprobe gpio-sim and configfs).
  std::optional<OutputSpec> spec_for(std::string_view driver) const {
    OutputSpec spec;
    EXPECT_TRUE(spec.name.assign("lamp") && spec.driver.assign(driver));
    EXPECT_TRUE(driver != "memory" || spec.chip.assign(folder + "/chip"));
    if (driver == "gpio") {
      EXPECT_TRUE(spec.chip.assign("gpio-sim"));
      if (!create_output(spec)) return std::nullopt;
    }
    spec.offset = 3;
    if (driver == "pwm") {
      const std::string sysfs = folder + "/sys";
      if (!std::filesystem::exists(sysfs)) testing::PwmTree(sysfs, "made-up.pwm").make_channel(3);
      EXPECT_TRUE(spec.chip.assign(sysfs + "/devices/made-up.pwm"));
      spec.pwm = {1'000'000, 0, 800'000};
    }
    return spec;
  }

  // Runs `check` for every driver, every safe level and both polarities.
  template <class Check>
  void for_each_line(Check check) const {
    for (const OutputDriver& driver : output_drivers()) {
      auto spec = spec_for(driver.name);
      if (!spec) {
        std::printf("skipped: no chip for driver %s on this machine\n", driver.name.data());
        continue;
      }
      for (const bool safe : {false, true}) {
        for (const bool active_low : {false, true}) {
          SCOPED_TRACE(fmt::format("{} safe={} active_low={}", driver.name, safe, active_low));
          spec->safe_active = safe;
          spec->active_low = active_low;
          check(*spec);
        }
      }
    }
  }

  std::string folder;
};

bool level(Output& output) {
  bool active = false;
  EXPECT_EQ(output.read(active), Status::ok);
  return active;
}

TEST_F(OutputTest, EveryDriverStartsAtTheSafeLevel) {
  for_each_line([](const OutputSpec& spec) {
    const auto output = create_output(spec);
    ASSERT_TRUE(output) << output.error().message;
    EXPECT_EQ(level(**output), spec.safe_active);
  });
}

TEST_F(OutputTest, EveryDriverReadsBackWhatItHasSet) {
  for_each_line([](const OutputSpec& spec) {
    const auto output = create_output(spec);
    ASSERT_TRUE(output) << output.error().message;
    for (const bool active : {true, false, false, true}) {
      EXPECT_EQ((*output)->set(active), Status::ok);
      EXPECT_EQ(level(**output), active);
    }
  });
}

TEST_F(OutputTest, EveryDriverCanTakeALineAgainAfterItHasLetItGo) {
  for_each_line([](const OutputSpec& spec) {
    for (int round = 0; round < 3; ++round) {
      const auto output = create_output(spec);
      ASSERT_TRUE(output) << output.error().message;
      EXPECT_EQ(level(**output), spec.safe_active);
      EXPECT_EQ((*output)->set(!spec.safe_active), Status::ok);
    }
  });
}

TEST_F(OutputTest, NamesTheDriverThatWasMeant) {
  OutputSpec spec = *spec_for("log");
  ASSERT_TRUE(spec.driver.assign("gpoi"));
  const auto output = create_output(spec);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::config);
  EXPECT_THAT(output.error().message, HasSubstr("did you mean gpio?"));
}

TEST_F(OutputTest, SaysWhyThereIsNoGpioChip) {
  OutputSpec spec = *spec_for("log");
  ASSERT_TRUE(spec.driver.assign("gpio") && spec.chip.assign("no-such-label"));
  const auto output = create_output(spec);
  ASSERT_FALSE(output);
  if (gpio_library() == "built without libgpiod") {
    EXPECT_EQ(output.error().code, ErrorCode::unsupported);
    EXPECT_THAT(output.error().message, HasSubstr("built without libgpiod"));
  } else {
    EXPECT_EQ(output.error().code, ErrorCode::not_found);
    EXPECT_THAT(output.error().message, HasSubstr("no GPIO chip has the label 'no-such-label'"));
  }
}

TEST_F(OutputTest, LogsEachChangeOnceAsALineOfText) {
  const std::string path = folder + "/log";
  {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const auto output = create_output(*spec_for("log"), {.log_fd = fd.get()});
    ASSERT_TRUE(output);
    for (const bool active : {true, true, false, true})
      EXPECT_EQ((*output)->set(active), Status::ok);
  }
  std::string text(200, '\0');
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  text.resize(static_cast<std::size_t>(::read(fd.get(), text.data(), text.size())));
  EXPECT_EQ(text,
            "output lamp: inactive\noutput lamp: active\noutput lamp: inactive\n"
            "output lamp: active\noutput lamp: inactive\n");
}

TEST(FixedText, KeepsItsTextWhenANewOneDoesNotFit) {
  FixedText<4> text;
  EXPECT_TRUE(text.assign("four"));
  EXPECT_FALSE(text.assign("fives"));
  EXPECT_FALSE(text.assign(std::string_view("a\0b", 3)));
  EXPECT_EQ(text.view(), "four");
  EXPECT_TRUE(text.assign("a"));
  FixedText<4> other;
  EXPECT_TRUE(other.assign("a"));
  EXPECT_EQ(text, other) << "nothing of the longer text is left";
}

TEST(OutputSpec, TellsWiresApart) {
  OutputSpec a, b;
  ASSERT_TRUE(a.name.assign("a") && a.driver.assign("gpio") && a.chip.assign("pinctrl-rp1"));
  b = a;
  ASSERT_TRUE(b.name.assign("b"));
  EXPECT_TRUE(a.same_line(b)) << "one wire, two names";
  b.offset = 1;
  EXPECT_FALSE(a.same_line(b));
  a.chip = b.chip = {};
  b.offset = a.offset;
  EXPECT_FALSE(a.same_line(b)) << "without a chip the name is the line";
}

TEST_F(OutputTest, ReadsAMemoryLineThatAnotherDrives) {
  OutputSpec spec = *spec_for("memory");
  auto input = create_input(spec);
  ASSERT_TRUE(input) << input.error().message;
  bool active = false;
  EXPECT_EQ((*input)->read(active), Status::backend_fault) << "nobody drives it: it floats";
  {
    const auto button = create_output(spec);
    ASSERT_TRUE(button);
    EXPECT_EQ((*input)->read(active), Status::ok);
    EXPECT_FALSE(active);
    ASSERT_EQ((*button)->set(true), Status::ok);
    EXPECT_EQ((*input)->read(active), Status::ok);
    EXPECT_TRUE(active);
  }
  EXPECT_EQ((*input)->read(active), Status::backend_fault) << "its owner has gone";
  for (const auto& [bias, low] :
       {std::pair(Bias::pull_up, false), std::pair(Bias::pull_down, true)}) {
    spec.bias = bias;
    spec.active_low = low;
    input = create_input(spec);
    ASSERT_TRUE(input);
    EXPECT_EQ((*input)->read(active), Status::ok);
    EXPECT_TRUE(active) << "the pull decides";
  }
}

TEST_F(OutputTest, OpensNoInputThatIsNone) {
  OutputSpec spec = *spec_for("log");
  EXPECT_EQ(create_input(spec).error().code, ErrorCode::config);
  ASSERT_TRUE(spec.driver.assign("memory"));
  EXPECT_EQ(create_input(spec).error().code, ErrorCode::config) << "no chip";
  ASSERT_TRUE(spec.chip.assign(folder + "/chip"));
  spec.offset = 64;
  EXPECT_EQ(create_input(spec).error().code, ErrorCode::not_found);
  ASSERT_TRUE(spec.driver.assign("gpio") && spec.chip.assign("no-such-label"));
  EXPECT_FALSE(create_input(spec));
}

}  // namespace
}  // namespace pinfer
