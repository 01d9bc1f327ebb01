// SPDX-License-Identifier: Apache-2.0
// Expands lowerings.inc: the only place that does.
#include "runtime/backends/gles/lowering.h"

#include <limits>

namespace pinfer::gles {

#define PINFER_GLES_LOWERING(file, function) Result<bool> function(const Lowering& lowering);
#include "runtime/backends/gles/lowerings.inc"
#undef PINFER_GLES_LOWERING

namespace {

constexpr LowerFunction kFunctions[] = {
#define PINFER_GLES_LOWERING(file, function) function,
#include "runtime/backends/gles/lowerings.inc"
#undef PINFER_GLES_LOWERING
};

Result<void> check_sizes(const std::vector<Dispatch>& dispatches) {
  for (const Dispatch& dispatch : dispatches) {
    bool fits = dispatch.threads <= std::numeric_limits<std::int32_t>::max() - kGroupThreads;
    for (const Param& param : dispatch.params)
      fits = fits && param.value >= std::numeric_limits<std::int32_t>::min() &&
             param.value <= std::numeric_limits<std::int32_t>::max();
    if (!fits) return because("it is larger than 32-bit addresses");
  }
  return {};
}

// "conv_s16" of conv_s16__scalar.
std::string_view kind_of(const Step& step) {
  const std::string_view name = step.info().kernel;
  return name.substr(0, name.find("__"));
}

}  // namespace

std::int64_t Constants::append(std::span<const std::uint32_t> words) {
  const auto at = static_cast<std::int64_t>(words_.size());
  words_.insert(words_.end(), words.begin(), words.end());
  return at;
}

std::int64_t Constants::append4(std::span<const std::uint32_t> words) {
  words_.resize((words_.size() + 3) / 4 * 4);
  return append(words);
}

std::vector<std::uint32_t> table_words(std::span<const std::uint8_t, 256> table) {
  std::vector<std::uint32_t> words(64, 0);
  for (std::size_t i = 0; i < table.size(); ++i)
    words[i / 4] |= static_cast<std::uint32_t>(table[i]) << (i % 4 * 8);
  return words;
}

Result<std::vector<Dispatch>> lower(const NodeContext& context, const Step& step,
                                    Constants& constants) {
  for (int i = 0; i < context.input_count(); ++i)
    if (context.has_input(i) && context.input(i).is_variable) return because("it keeps state");
  for (int i = 0; i < context.output_count(); ++i)
    if (elements(context.output(i).shape) == 0) return because("output {} is empty", i);
  std::vector<Dispatch> dispatches;
  for (const LowerFunction function : kFunctions) {
    PINFER_TRY(const bool taken, function({context, step, constants, dispatches}));
    if (!taken) continue;
    PINFER_CHECK(check_sizes(dispatches));
    return dispatches;
  }
  return because("there is no shader for {}", kind_of(step));
}

}  // namespace pinfer::gles
