// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <list>

#include "apps/pipeline/decoders/decoder.h"
#include "tests/support/alloc_counter.h"

namespace pinfer {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Outputs of a model, owned.
class Outputs {
 public:
  template <class T>
  Outputs& add(std::initializer_list<std::int32_t> shape, const std::vector<T>& values,
               float scale = 0.0f, std::int32_t zero_point = 0) {
    TensorInfo& info = infos_.emplace_back();
    info.name = "out" + std::to_string(infos_.size() - 1);
    info.dtype = dtype_of<T>;
    info.shape = Shape(shape);
    if (scale != 0.0f) info.quant = {{scale}, {zero_point}, 0};
    std::vector<std::byte>& bytes = bytes_.emplace_back(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    EXPECT_EQ(bytes.size(), info.bytes());
    tensors_.push_back({&info, bytes.data()});
    return *this;
  }
  std::span<const Tensor> get() const { return tensors_; }

 private:
  std::list<TensorInfo> infos_;
  std::list<std::vector<std::byte>> bytes_;
  std::vector<Tensor> tensors_;
};

Predictions must_decode(std::string_view name, const Outputs& outputs,
                        const DecodeOptions& options = {}) {
  Predictions predictions;
  const auto decoder = choose_decoder(name, outputs.get());
  EXPECT_TRUE(decoder) << decoder.error().message;
  if (decoder) {
    EXPECT_EQ((*decoder)->decode(outputs.get(), options, predictions), Status::ok);
  }
  return predictions;
}

std::string choice(std::string_view name, const Outputs& outputs) {
  const auto decoder = choose_decoder(name, outputs.get());
  return decoder ? std::string((*decoder)->name) : decoder.error().message;
}

Outputs detections(const std::vector<float>& boxes, const std::vector<float>& classes,
                   const std::vector<float>& scores, float count) {
  const auto n = static_cast<std::int32_t>(classes.size());
  Outputs outputs;
  outputs.add<float>({1, n, 4}, boxes).add<float>({1, n}, classes).add<float>({1, n}, scores);
  outputs.add<float>({1}, {count});
  return outputs;
}

TEST(Classification, SortsTheScores) {
  Outputs outputs;
  outputs.add<float>({1, 4}, {0.1f, 0.6f, 0.05f, 0.25f});
  const Predictions predictions = must_decode("classification", outputs);
  ASSERT_EQ(predictions.size(), 4u);
  EXPECT_EQ(predictions[0], (Prediction{1, 0.6f, Box{}}));
  EXPECT_EQ(predictions[1].class_id, 3);
  EXPECT_EQ(predictions[3].class_id, 2);
}

TEST(Classification, DequantizesInt8AndUint8AndInt16) {
  Outputs int8;
  int8.add<std::int8_t>({1, 3}, {-128, 127, 0}, 1.0f / 256, -128);
  EXPECT_EQ(must_decode("classification", int8)[0].score, 255.0f / 256);
  EXPECT_EQ(must_decode("classification", int8)[2].score, 0.0f);
  Outputs uint8;
  uint8.add<std::uint8_t>({1, 2}, {255, 64}, 1.0f / 256, 0);
  EXPECT_EQ(must_decode("classification", uint8)[1], (Prediction{1, 0.25f, Box{}}));
  Outputs int16;
  int16.add<std::int16_t>({2}, {-32768, 16384}, 1.0f / 32768, 0);
  EXPECT_EQ(must_decode("classification", int16)[0].score, 0.5f);
  EXPECT_EQ(must_decode("classification", int16)[1].score, -1.0f);
}

TEST(Classification, AppliesSoftmaxOnlyWhenAsked) {
  Outputs outputs;
  outputs.add<float>({1, 3}, {1000.0f, 1001.0f, 999.0f});
  EXPECT_EQ(must_decode("classification", outputs)[0].score, 1001.0f);
  DecodeOptions options;
  options.softmax = true;
  const Predictions predictions = must_decode("classification", outputs, options);
  const float sum = 1.0f + std::exp(-1.0f) + std::exp(-2.0f);
  EXPECT_NEAR(predictions[0].score, 1.0f / sum, 1e-6);
  EXPECT_NEAR(predictions[1].score, std::exp(-1.0f) / sum, 1e-6);
  EXPECT_EQ(predictions[2].class_id, 2);
}

TEST(Classification, KeepsTheBestKAboveTheScore) {
  Outputs outputs;
  outputs.add<float>({1, 5}, {0.1f, 0.3f, 0.2f, 0.3f, 0.1f});
  DecodeOptions options;
  options.top_k = 3;
  Predictions predictions = must_decode("classification", outputs, options);
  ASSERT_EQ(predictions.size(), 3u);
  EXPECT_EQ(predictions[0].class_id, 1) << "of equal scores the lower class comes first";
  EXPECT_EQ(predictions[1].class_id, 3);
  EXPECT_EQ(predictions[2].class_id, 2);
  options.min_score = 0.3f;
  predictions = must_decode("classification", outputs, options);
  EXPECT_EQ(predictions.size(), 2u);
}

TEST(Classification, TakesMoreClassesThanPredictions) {
  std::vector<float> scores(1001);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<float>(i) / 1001.0f;
  Outputs outputs;
  outputs.add<float>({1, 1001}, scores);
  const Predictions predictions = must_decode("classification", outputs);
  ASSERT_EQ(predictions.size(), kMaxPredictions);
  EXPECT_EQ(predictions[0].class_id, 1000);
  EXPECT_EQ(predictions[kMaxPredictions - 1].class_id, 1001 - static_cast<int>(kMaxPredictions));
}

TEST(Classification, RefusesValuesThatAreNoNumbers) {
  for (const float bad : {kNan, std::numeric_limits<float>::infinity()}) {
    Outputs outputs;
    outputs.add<float>({1, 3}, {0.5f, bad, 0.1f});
    Predictions predictions;
    const Decoder* decoder = choose_decoder("classification", outputs.get()).value();
    EXPECT_EQ(decoder->decode(outputs.get(), {}, predictions), Status::bad_value);
    EXPECT_TRUE(predictions.empty());
  }
}

TEST(Ssd, ReadsBoxesClassesScoresAndCount) {
  const Outputs outputs =
      detections({0.1f, 0.2f, 0.5f, 0.6f, 0.0f, 0.0f, 1.0f, 1.0f, 0.3f, 0.3f, 0.4f, 0.4f},
                 {2.0f, 0.0f, 5.0f}, {0.4f, 0.9f, 0.99f}, 2.0f);
  const Predictions predictions = must_decode("ssd", outputs);
  ASSERT_EQ(predictions.size(), 2u) << "only `count` of them are there";
  EXPECT_EQ(predictions[0], (Prediction{0, 0.9f, {0.0f, 0.0f, 1.0f, 1.0f}}));
  EXPECT_EQ(predictions[1], (Prediction{2, 0.4f, {0.2f, 0.1f, 0.6f, 0.5f}}));
}

TEST(Ssd, MapsBoxesBackToThePicture) {
  const Outputs outputs = detections({0.25f, 0.0f, 0.75f, 1.0f}, {1.0f}, {0.8f}, 1.0f);
  DecodeOptions options;
  options.geometry = {0.0f, -0.5f, 1.0f, 2.0f};  // letterbox of a picture twice as wide as high
  EXPECT_EQ(must_decode("ssd", outputs, options)[0].box, (Box{0.0f, 0.0f, 1.0f, 1.0f}));
  options.geometry = {0.25f, 0.0f, 0.5f, 1.0f};  // the middle half of the width
  EXPECT_EQ(must_decode("ssd", outputs, options)[0].box, (Box{0.25f, 0.25f, 0.75f, 0.75f}));
}

TEST(Ssd, SurvivesAnyCount) {
  for (const float count : {-5.0f, 0.0f, 1e30f}) {
    const Outputs outputs = detections({0, 0, 1, 1}, {1.0f}, {0.8f}, count);
    EXPECT_EQ(must_decode("ssd", outputs).size(), count > 1.0f ? 1u : 0u);
  }
}

TEST(Ssd, RefusesValuesThatAreNoNumbers) {
  const Outputs bad[] = {detections({0, 0, 1, 1}, {1.0f}, {0.8f}, kNan),
                         detections({0, kNan, 1, 1}, {1.0f}, {0.8f}, 1.0f),
                         detections({0, 0, 1, 1}, {1.0f}, {kNan}, 1.0f),
                         detections({0, 0, 1, 1}, {kNan}, {0.8f}, 1.0f),
                         detections({0, 0, 1, 1}, {-1.0f}, {0.8f}, 1.0f),
                         detections({0, 0, 1, 1}, {1e20f}, {0.8f}, 1.0f)};
  for (const Outputs& outputs : bad) {
    Predictions predictions;
    const Decoder* decoder = choose_decoder("ssd", outputs.get()).value();
    EXPECT_EQ(decoder->decode(outputs.get(), {}, predictions), Status::bad_value);
    EXPECT_TRUE(predictions.empty());
  }
}

TEST(Raw, GivesTheValuesOfTheFirstOutput) {
  Outputs outputs;
  outputs.add<std::int32_t>({2, 2}, {5, -7, 3, 4}).add<float>({1}, {99.0f});
  const Predictions predictions = must_decode("raw", outputs);
  ASSERT_EQ(predictions.size(), 4u);
  EXPECT_EQ(predictions[0], (Prediction{0, 5.0f, Box{}}));
  EXPECT_EQ(predictions[3], (Prediction{1, -7.0f, Box{}}));
}

TEST(Decoders, AreChosenByTheOutputs) {
  EXPECT_EQ(choice("auto", detections({0, 0, 1, 1}, {1.0f}, {0.8f}, 1.0f)), "ssd");
  Outputs scores;
  scores.add<std::int8_t>({1, 10}, std::vector<std::int8_t>(10));
  EXPECT_EQ(choice("auto", scores), "classification");
  Outputs one;
  one.add<float>({1, 1}, {0.0f});
  EXPECT_EQ(choice("auto", one), "raw");
  Outputs map;
  map.add<float>({1, 2, 2, 3}, std::vector<float>(12));
  EXPECT_EQ(choice("auto", map), "raw");
}

TEST(Decoders, SayWhatDoesNotFit) {
  Outputs scores;
  scores.add<std::int8_t>({1, 10}, std::vector<std::int8_t>(10));
  EXPECT_EQ(choice("ssd", scores),
            "decoder ssd reads four outputs (boxes, classes, scores, count), the model has 1 (did "
            "you mean classification?)");
  EXPECT_EQ(choice("sdd", scores), "there is no decoder 'sdd' (did you mean ssd?)");
  Outputs map;
  map.add<float>({1, 2, 2, 3}, std::vector<float>(12));
  EXPECT_EQ(choice("classification", map),
            "decoder classification reads one row of two or more scores, output 'out0' is float32 "
            "[1x2x2x3] (did you mean raw?)");
  Outputs odd;
  odd.add<float>({1, 2, 4}, std::vector<float>(8)).add<float>({1, 3}, std::vector<float>(3));
  odd.add<float>({1, 2}, std::vector<float>(2)).add<float>({1}, {1.0f});
  EXPECT_EQ(choice("ssd", odd),
            "decoder ssd reads boxes [1xNx4], classes [1xN], scores [1xN], count [1]; the model "
            "gives [1x2x4], [1x3], [1x2], [1]");
  Outputs flags;
  flags.add<std::uint64_t>({1, 2}, {1, 2});
  EXPECT_EQ(choice("auto", flags), "no decoder reads the outputs of this model (uint64 [1x2])");
  EXPECT_EQ(choice("raw", Outputs()), "decoder raw: the model has no output");
}

TEST(Decoders, AllocateNothing) {
  Outputs scores;
  scores.add<float>({1, 1001}, std::vector<float>(1001, 0.5f));
  const Outputs boxes = detections(std::vector<float>(400, 0.5f), std::vector<float>(100, 1.0f),
                                   std::vector<float>(100, 0.5f), 100.0f);
  DecodeOptions options;
  options.softmax = true;
  Predictions predictions;
  for (const Decoder* decoder : decoders()) {
    const Outputs& outputs = decoder->name == "ssd" ? boxes : scores;
    const std::uint64_t before = thread_allocations();
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(decoder->decode(outputs.get(), options, predictions), Status::ok);
    }
    EXPECT_EQ(thread_allocations() - before, 0u) << decoder->name;
  }
}

RC_GTEST_PROP(DecoderLists, AreTheBestOnesInOrder, ()) {
  const auto values = *rc::gen::suchThat(
      rc::gen::container<std::vector<std::int8_t>>(rc::gen::arbitrary<std::int8_t>()),
      [](const auto& v) { return v.size() >= 2; });
  DecodeOptions options;
  options.top_k = *rc::gen::inRange<std::size_t>(1, kMaxPredictions + 1);
  Outputs outputs;
  outputs.add<std::int8_t>({1, static_cast<std::int32_t>(values.size())}, values, 0.5f, 3);
  std::vector<std::int32_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return values[static_cast<std::size_t>(a)] > values[static_cast<std::size_t>(b)];
  });
  const Predictions predictions = must_decode("classification", outputs, options);
  RC_ASSERT(predictions.size() == std::min(options.top_k, values.size()));
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    RC_ASSERT(predictions[i].class_id == order[i]);
    RC_ASSERT(predictions[i].score ==
              0.5f * static_cast<float>(values[static_cast<std::size_t>(order[i])] - 3));
  }
}

}  // namespace
}  // namespace pinfer
