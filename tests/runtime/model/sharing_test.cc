// SPDX-License-Identifier: Apache-2.0
// Rule V12 against tables that a file shares: small files that would become large, or slow, when
// each use of a shared vector were copied or checked again. Each is over within a second.
#include <ctime>

#include "runtime/model/tflite_generated.h"
#include "tests/runtime/model/broken_model.h"

namespace pinfer {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using ::testing::HasSubstr;
using ::testing::StartsWith;

#if defined(PINFER_SANITIZER_ADDRESS)
constexpr double kMostSeconds = 4.0;
#else
constexpr double kMostSeconds = 1.0;
#endif

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Shared {
  FlatBufferBuilder fbb;
  std::vector<Offset<wire::Tensor>> tensors;
  std::vector<Offset<wire::Operator>> operators;
  std::string custom_code;

  // The refusal, or "read"; fails the test when it takes a second (four with ASan).
  std::string refusal() {
    const auto code =
        wire::CreateOperatorCode(fbb, 0, fbb.CreateString(custom_code), 1,
                                 custom_code.empty() ? wire::Builtin::ADD : wire::Builtin::CUSTOM);
    const auto codes = fbb.CreateVector(&code, 1);
    const auto tensors_at = fbb.CreateVector(tensors);
    const auto operators_at = fbb.CreateVector(operators);
    const auto graph = wire::CreateSubGraph(fbb, tensors_at, 0, 0, operators_at);
    const auto graphs = fbb.CreateVector(&graph, 1);
    wire::FinishModelBuffer(fbb, wire::CreateModel(fbb, 3, codes, graphs));
    const double start = cpu_seconds();
    std::string text =
        test::refusal_of(std::as_bytes(std::span(fbb.GetBufferPointer(), fbb.GetSize())));
    EXPECT_LT(cpu_seconds() - start, kMostSeconds);
    return text;
  }
};

TEST(SharedTables, ScalesOfManyTensors) {
  Shared file;
  constexpr std::int32_t kScales = 100'000;
  const auto scale = file.fbb.CreateVector(std::vector<float>(kScales, 1.0f));
  const auto quant = wire::CreateQuantization(file.fbb, 0, 0, scale);
  const auto shape = file.fbb.CreateVector(std::vector<std::int32_t>{kScales});
  const auto tensor = wire::CreateTensor(file.fbb, shape, wire::ElementType::INT8, 0, 0, quant);
  file.tensors.assign(40'000, tensor);
  EXPECT_THAT(file.refusal(), HasSubstr("V12: "));
}

TEST(SharedTables, MoreTablesThanTheVerifierCounts) {
  Shared file;
  const auto shape = file.fbb.CreateVector(std::vector<std::int32_t>{1});
  file.tensors.assign(200'000, wire::CreateTensor(file.fbb, shape));
  EXPECT_THAT(file.refusal(), HasSubstr("V1: "));
}

TEST(SharedTables, OneLongNameOfManyTensors) {
  Shared file;
  const auto shape = file.fbb.CreateVector(std::vector<std::int32_t>{1});
  const auto name = file.fbb.CreateString(std::string(1 << 20, '\xff'));
  file.tensors.assign(90'000, wire::CreateTensor(file.fbb, shape, {}, 0, name));
  EXPECT_EQ(file.refusal(), "read");
}

TEST(SharedTables, OperandsOfManyOperators) {
  Shared file;
  const auto shape = file.fbb.CreateVector(std::vector<std::int32_t>{1});
  file.tensors.assign(1, wire::CreateTensor(file.fbb, shape, {}, 0, 0, 0, true));
  const auto inputs = file.fbb.CreateVector(std::vector<std::int32_t>(4096, 0));
  const auto op = wire::CreateOperator(file.fbb, 0, inputs);
  file.operators.assign(90'000, op);
  EXPECT_THAT(file.refusal(), HasSubstr("V12: "));
}

TEST(SharedTables, OptionsOfManyCustomOperators) {
  Shared file;
  file.custom_code = "TFLite_Detection_PostProcess";
  const auto options = file.fbb.CreateVector(std::vector<std::uint8_t>(2048, 0));
  const auto op = wire::CreateOperator(file.fbb, 0, 0, 0, wire::Options::NONE, 0, options);
  file.operators.assign(40'000, op);
  EXPECT_THAT(file.refusal(), StartsWith("V1: operator 0 "));
  Shared large;
  large.custom_code = file.custom_code;
  const auto more = large.fbb.CreateVector(std::vector<std::uint8_t>(2049, 0));
  large.operators.assign(1, wire::CreateOperator(large.fbb, 0, 0, 0, wire::Options::NONE, 0, more));
  EXPECT_THAT(large.refusal(), HasSubstr("2049 bytes, at most 2048"));
}

TEST(SharedTables, LabelFilesThatUnpackToMuch) {
  test::ModelBuilder builder = test::add_model();
  builder.metadata = test::MetadataSpec{};
  // 64 outputs of 1 MB each: only the first 8 MB are unpacked.
  builder.metadata->labels.assign(64, {std::string(1 << 20, 'x')});
  const auto bytes = builder.finish();
  ASSERT_LT(bytes.size(), 200u << 10);
  const double start = cpu_seconds();
  const auto model = read_tflite(bytes, "m", {});
  EXPECT_LT(cpu_seconds() - start, kMostSeconds);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto with_labels =
      std::count_if(model->metadata.outputs.begin(), model->metadata.outputs.end(),
                    [](const OutputMetadata& output) { return !output.labels.empty(); });
  EXPECT_EQ(with_labels, 7);
}

}  // namespace
}  // namespace pinfer
