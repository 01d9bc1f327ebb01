// SPDX-License-Identifier: Apache-2.0
// Every shader compiles without a warning, keeps the limits of the smallest device it is for, and
// comes back from the cache; a cache that was tampered with is not believed.
#include <gmock/gmock.h>

#include <filesystem>

#include "runtime/backends/gles/program.h"
#include "runtime/core/files.h"
#include "runtime/core/temporary_folder.h"
#include "tests/runtime/backends/gles/gles_case.h"

namespace pinfer::gles {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Each shader with the choices that lowerings make.
struct Case {
  const char* shader;
  std::vector<const char*> choices;
};
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"mac",
       {"#define TILE 1\n", "#define TILE 4\n#define POINTWISE\n#define IN_WORDS\n",
        "#define TILE 4\n#define UNSIGNED\n#define OUT_WORDS\n",
        "#define TILE 1\n#define POINTWISE\n#define THRESHOLDS\n"}},
      {"depthwise", {"", "#define WORDS\n", "#define UNSIGNED\n#define MULTIPLIED\n"}},
      {"binary",
       {"#define OPERATION 0\n#define FLAT\n", "#define OPERATION 1\n", "#define OPERATION 2\n",
        "#define OPERATION 3\n", "#define OPERATION 4\n", "#define OPERATION 6\n"}},
      {"pool", {"", "#define MAXIMUM\n#define UNSIGNED\n"}},
      {"mean", {"", "#define WORDS\n"}},
      {"softmax", {"", "#define UNSIGNED\n"}},
      {"table", {""}},
      {"move", {"", "#define TABLE\n"}},
      {"fill", {""}},
      {"mac_f32", {"#define TILE 1\n#define POINTWISE\n", "#define TILE 4\n"}},
      {"depthwise_f32", {""}},
      {"binary_f32",
       {"#define OPERATION 0\n#define FLAT\n", "#define OPERATION 1\n", "#define OPERATION 2\n",
        "#define OPERATION 3\n", "#define OPERATION 4\n", "#define OPERATION 5\n",
        "#define OPERATION 6\n"}},
      {"pool_f32", {"", "#define MAXIMUM\n"}},
      {"mean_f32", {""}},
      {"softmax_f32", {""}},
      {"unary_f32",
       {"#define OPERATION 0\n", "#define OPERATION 1\n", "#define OPERATION 2\n",
        "#define OPERATION 3\n", "#define OPERATION 4\n"}},
      {"resize", {"", "#define NEAREST\n"}},
      {"resize_f32", {""}},
  };
  return all;
}

class GlesProgram : public ::testing::Test {
 protected:
  void SetUp() override { PINFER_NEEDS_GLES(); }
};

TEST_F(GlesProgram, EveryShaderCompilesWithoutAWord) {
  const auto context = Context::create("");
  ASSERT_TRUE(context) << context.error().message;
  const Context::Current current(**context);
  for (const Case& each : cases())
    for (const char* choices : each.choices) {
      const auto program = build_program(**context, each.shader, choices);
      ASSERT_TRUE(program) << program.error().message;
      EXPECT_EQ(program->log, "") << each.shader << "\n" << choices;
      EXPECT_EQ((*context)->gl().GetError(), 0u) << each.shader;
    }
}

TEST_F(GlesProgram, EveryShaderHasACase) {
  for (const ShaderSource& source : shader_sources()) {
    const auto has = [&](const Case& each) { return source.name == each.shader; };
    EXPECT_TRUE(source.name == "prelude" || std::any_of(cases().begin(), cases().end(), has))
        << source.name;
  }
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

// Raspberry Pi 4 and 5: 256 threads, few storage blocks.
TEST_F(GlesProgram, ShadersKeepTheLimitsOfSmallDevices) {
  for (const ShaderSource& source : shader_sources()) {
    const bool prelude = source.name == "prelude";
    EXPECT_LE(count_of(source.text, "layout(std430"), prelude ? 3u : 1u) << source.name;
    EXPECT_EQ(count_of(source.text, "local_size"), prelude ? 1u : 0u) << source.name;
    for (const char* refused : {"#extension", "int16", "float16", "int64", "double", "image2D"})
      EXPECT_THAT(std::string(source.text), Not(HasSubstr(std::string(refused) + " ")))
          << source.name;
  }
}

TEST_F(GlesProgram, LimitsCapEachOther) {
  Limits wide;
  wide.group_threads = 1024;
  wide.storage_bytes = 1 << 30;
  wide.uniform_alignment = 16;
  const Limits both = capped(wide, Limits{});
  EXPECT_EQ(both.group_threads, 256);
  EXPECT_EQ(both.storage_bytes, 128 << 20);
  EXPECT_EQ(both.uniform_alignment, 256);
}

TEST_F(GlesProgram, ParametersAreFoundByNameOrNamedAsMissing) {
  const auto context = Context::create("");
  const Context::Current current(**context);
  const auto program = build_program(**context, "fill", "");
  ASSERT_TRUE(program);
  EXPECT_TRUE(program->param_offset((*context)->gl(), "count"));
  const auto missing = program->param_offset((*context)->gl(), "colour");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("colour"));
}

class GlesCache : public GlesProgram {
 protected:
  // Whether the program came from the cache.
  bool build() {
    const auto context = Context::create(folder_.path());
    const Context::Current current(**context);
    const auto program = build_program(**context, "table", "");
    EXPECT_TRUE(program) << program.error().message;
    return program && program->from_cache;
  }
  std::string only_file() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      return entry.path().string();
    return "";
  }

  TemporaryFolder folder_ = *TemporaryFolder::create("a test");
};

TEST_F(GlesCache, TheSecondStartFindsThePrograms) {
  EXPECT_FALSE(build());
  if (only_file().empty()) GTEST_SKIP() << "this driver gives no program binaries";
  EXPECT_TRUE(build());
}

TEST_F(GlesCache, AFileThatWasChangedIsNotBelieved) {
  EXPECT_FALSE(build());
  const std::string path = only_file();
  if (path.empty()) GTEST_SKIP() << "this driver gives no program binaries";
  const std::string good = *read_file(path, 1 << 20);
  for (std::size_t at : {std::size_t{0}, std::size_t{9}, std::size_t{17}, std::size_t{24},
                         std::size_t{29}, good.size() / 2, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    ASSERT_TRUE(write_file_atomically(path, bad));
    EXPECT_FALSE(build()) << at;
  }
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{32}, good.size() - 1}) {
    ASSERT_TRUE(write_file_atomically(path, std::string_view(good).substr(0, size)));
    EXPECT_FALSE(build()) << size;
  }
  EXPECT_TRUE(build());  // written anew after the last refusal
}

TEST_F(GlesCache, AFolderThatCannotBeWrittenIsNoError) {
  const auto context = Context::create("/proc/nowhere");
  const Context::Current current(**context);
  EXPECT_TRUE(build_program(**context, "table", ""));
}

}  // namespace
}  // namespace pinfer::gles
