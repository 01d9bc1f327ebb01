// SPDX-License-Identifier: Apache-2.0
// Expands decoders.inc: the only place that does.
#include <array>
#include <string>
#include <vector>

#include "apps/pipeline/decoders/decoder.h"
#include "runtime/core/suggest.h"

namespace pinfer {

#define PINFER_DECODER(file, symbol) extern const Decoder symbol;
#include "apps/pipeline/decoders/decoders.inc"
#undef PINFER_DECODER

namespace {

constexpr std::array kDecoders = {
#define PINFER_DECODER(file, symbol) &symbol,
#include "apps/pipeline/decoders/decoders.inc"
#undef PINFER_DECODER
};

std::string describe(std::span<const Tensor> outputs) {
  std::string text;
  for (const Tensor& output : outputs) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", to_string(output.info->dtype), to_string(output.info->shape));
  }
  return text.empty() ? "no outputs" : text;
}

}  // namespace

std::span<const Decoder* const> decoders() noexcept { return kDecoders; }

Result<const Decoder*> choose_decoder(std::string_view name, std::span<const Tensor> outputs) {
  std::vector<std::string_view> names = {"auto"};
  for (const Decoder* decoder : kDecoders) {
    if (name == "auto" ? decoder->check(outputs).has_value() : decoder->name == name) {
      PINFER_CHECK(decoder->check(outputs));
      return decoder;
    }
    names.push_back(decoder->name);
  }
  if (name == "auto") {
    return fail(ErrorCode::unsupported, "no decoder reads the outputs of this model ({})",
                describe(outputs));
  }
  const auto guess = nearest(name, names);
  return fail(ErrorCode::not_found, "there is no decoder '{}'{}", name,
              guess ? fmt::format(" (did you mean {}?)", *guess) : "");
}

}  // namespace pinfer
