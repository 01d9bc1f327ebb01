// SPDX-License-Identifier: Apache-2.0
// Any bytes are loaded and, when they are a model, run twice, with the passes and without: to
// the same bytes where only integers take part.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

#include "runtime/session/session.h"
#include "tests/fuzz/in_place.h"

namespace {

struct Outcome {
  std::vector<std::byte> outputs;
  bool integers_only = true;  // no tensor of the graph holds floats
};

bool holds_floats(const pinfer::TensorInfo& tensor) {
  using pinfer::DType;
  return tensor.dtype == DType::f32 || tensor.dtype == DType::f16 || tensor.dtype == DType::f64 ||
         tensor.dtype == DType::c64;
}

// Nothing when the bytes are refused or the run fails.
std::optional<Outcome> load_and_run(std::span<const std::byte> bytes, bool passes) {
  pinfer::LoadOptions options;
  options.passes = passes;
  options.budgets = {.file_bytes = 1 << 20,
                     .arena_bytes = 16 << 20,
                     .constant_bytes = 16 << 20,
                     .macs = 2'000'000,
                     .tensors = 1000,
                     .operators = 1000};
  auto model = pinfer::load_model(bytes, "fuzz", options);
  if (!model) return std::nullopt;
  Outcome outcome;
  const auto& tensors = (*model)->graph.tensors;
  outcome.integers_only = std::none_of(tensors.begin(), tensors.end(), holds_floats);
  auto session = pinfer::Session::create(*std::move(model), {});
  if (!session) return std::nullopt;
  for (std::size_t i = 0; i < session->input_count(); ++i) {
    const pinfer::Tensor input = session->input(i);
    // Varied bytes: index tensors get values in and out of range, floats get NaN now and then.
    for (std::size_t k = 0; k < input.bytes(); ++k)
      input.data[k] = static_cast<std::byte>(k * 37 + i);
  }
  if (session->run() != pinfer::Status::ok) return std::nullopt;
  for (std::size_t i = 0; i < session->output_count(); ++i) {
    const pinfer::Tensor output = session->output(i);
    outcome.outputs.insert(outcome.outputs.end(), output.data, output.data + output.bytes());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto optimised = load_and_run(bytes, true);
  const auto plain = load_and_run(bytes, false);
  // Folding a float multiplication into weights rounds differently; integers may not.
  if (optimised && plain && plain->integers_only && optimised->outputs != plain->outputs)
    std::abort();
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return pinfer::fuzz::mutate_in_place(data, size, max_size, seed);
}
