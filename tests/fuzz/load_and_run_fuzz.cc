// SPDX-License-Identifier: Apache-2.0
// Any bytes are loaded and, when they are a model, run twice: with the passes and without.
#include <cstdlib>
#include <cstring>

#include "runtime/session/session.h"
#include "tests/fuzz/in_place.h"

namespace {

void load_and_run(std::span<const std::byte> bytes, bool passes) {
  pinfer::LoadOptions options;
  options.passes = passes;
  options.budgets = {.file_bytes = 1 << 20,
                     .arena_bytes = 16 << 20,
                     .constant_bytes = 16 << 20,
                     .macs = 2'000'000,
                     .tensors = 1000,
                     .operators = 1000};
  auto model = pinfer::load_model(bytes, "fuzz", options);
  if (!model) return;
  auto session = pinfer::Session::create(*std::move(model), {});
  if (!session) return;
  for (std::size_t i = 0; i < session->input_count(); ++i) {
    const pinfer::Tensor input = session->input(i);
    // Varied bytes: index tensors get values in and out of range, floats get NaN now and then.
    for (std::size_t k = 0; k < input.bytes(); ++k)
      input.data[k] = static_cast<std::byte>(k * 37 + i);
  }
  std::uint64_t sum = 0;
  if (session->run() == pinfer::Status::ok) {
    for (std::size_t i = 0; i < session->output_count(); ++i) {
      const pinfer::Tensor output = session->output(i);
      for (std::size_t k = 0; k < output.bytes(); ++k)
        sum += static_cast<std::uint64_t>(output.data[k]);
    }
  }
  // The sum must be used, or the reads vanish.
  if (sum == ~0ull) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  load_and_run(bytes, true);
  load_and_run(bytes, false);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return pinfer::fuzz::mutate_in_place(data, size, max_size, seed);
}
