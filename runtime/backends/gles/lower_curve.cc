// SPDX-License-Identifier: Apache-2.0
// Activations on floats, and resizing.
#include <optional>

#include "runtime/backends/gles/lowering.h"
#include "runtime/kernels/resize/resize.h"
#include "runtime/kernels/unary/unary.h"

namespace pinfer::gles {
namespace {

// The numbers of the choice OPERATION in unary_f32.comp.
std::optional<int> operation_of(std::string_view op) {
  if (op == "RELU" || op == "RELU6" || op == "RELU_N1_TO_1" || op == "RELU_0_TO_1") return 0;
  if (op == "LOGISTIC") return 1;
  if (op == "TANH") return 2;
  if (op == "HARD_SWISH") return 3;
  if (op == "LEAKY_RELU") return 4;
  return std::nullopt;
}

// Rows first, then columns: two indices and the weight of the second.
std::vector<std::uint32_t> tap_words(const ResizeArgs& args, bool real) {
  std::vector<std::uint32_t> words;
  const auto add = [&](const ResizeTap& tap) {
    words.push_back(static_cast<std::uint32_t>(tap.low));
    words.push_back(static_cast<std::uint32_t>(tap.high));
    words.push_back(real ? std::bit_cast<std::uint32_t>(tap.weight)
                         : static_cast<std::uint32_t>(tap.weight_1024));
  };
  for (std::int64_t y = 0; y < args.out_height; ++y) add(args.rows[y]);
  for (std::int64_t x = 0; x < args.out_width; ++x) add(args.columns[x]);
  return words;
}

}  // namespace

Result<bool> lower_unary_f32(const Lowering& lowering);
Result<bool> lower_unary_f32(const Lowering& lowering) {
  const auto* args = args_of<UnaryArgs>(lowering.step);
  const NodeContext& context = lowering.context;
  const std::optional<int> operation = operation_of(context.node().op);
  if (args == nullptr || !operation || context.input(0).dtype != DType::f32) return false;
  const std::int64_t count = elements(context.output(0).shape);
  lowering.dispatches.push_back({.shader = "unary_f32",
                                 .kernel = "unary_f32__gles",
                                 .choices = fmt::format("#define OPERATION {}\n", *operation),
                                 .params = {{"in_at", 0, context.input_id(0)},
                                            {"out_at", 0, context.output_id(0)},
                                            {"count", count},
                                            {"low", float_bits(args->low)},
                                            {"high", float_bits(args->high)},
                                            {"alpha", float_bits(args->alpha)}},
                                 .threads = count});
  return true;
}

Result<bool> lower_resize(const Lowering& lowering);
Result<bool> lower_resize(const Lowering& lowering) {
  const auto* args = args_of<ResizeArgs>(lowering.step);
  if (args == nullptr) return false;
  const NodeContext& context = lowering.context;
  const DType type = context.input(0).dtype;
  // One pixel stays itself, however it is weighed.
  const bool nearest = context.node().op == "RESIZE_NEAREST_NEIGHBOR" ||
                       (type == DType::u8 && args->in_height * args->in_width == 1);
  const bool real = type == DType::f32 && !nearest;
  if (!nearest && type == DType::u8) return because("uint8 is blended in float");
  if (!nearest && !real && type != DType::i8) return false;
  const std::int64_t pixels = context.input(0).shape[0] * args->out_height * args->out_width;
  lowering.dispatches.push_back(
      {.shader = real ? "resize_f32" : "resize",
       .kernel = real ? "resize_f32__gles" : "resize_x8__gles",
       .choices = nearest ? "#define NEAREST\n" : "",
       .params = {{"in_at", 0, context.input_id(0)},
                  {"out_at", 0, context.output_id(0)},
                  {"taps_at", lowering.constants.append(tap_words(*args, real))},
                  {"in_height", args->in_height},
                  {"in_width", args->in_width},
                  {"out_height", args->out_height},
                  {"out_width", args->out_width},
                  {"channels", args->channels},
                  {"pixels", pixels}},
       .threads = pixels * (real ? args->channels : (args->channels + 3) / 4)});
  return true;
}

}  // namespace pinfer::gles
