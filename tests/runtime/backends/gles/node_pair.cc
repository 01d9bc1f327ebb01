// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/backends/gles/node_pair.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pinfer::test {
namespace {

std::string compare_floats(const Tensor& want, const Tensor& got) {
  double error = 0, largest = 0;
  for (std::size_t i = 0; i < want.as<float>().size(); ++i) {
    const double a = want.as<float>()[i], b = got.as<float>()[i];
    if (!std::isfinite(a) || !std::isfinite(b))
      return fmt::format("element {}: {} and {}", i, a, b);
    error = std::max(error, std::fabs(a - b));
    largest = std::max(largest, std::fabs(a));
  }
  return error <= 1e-4 * largest ? "" : fmt::format("off by {}, the largest is {}", error, largest);
}

std::string compare_bytes(const Tensor& want, const Tensor& got) {
  std::size_t different = 0, first = 0;
  for (std::size_t i = want.bytes(); i-- > 0;)
    if (want.data[i] != got.data[i]) {
      ++different;
      first = i;
    }
  if (different == 0) return {};
  return fmt::format("{} of {} bytes differ, the first is {}: {} and not {}", different,
                     want.bytes(), first, static_cast<int>(got.data[first]),
                     static_cast<int>(want.data[first]));
}

}  // namespace

NodePair::NodePair(std::string op, OpParams params, unsigned seed) : random_(seed) {
  graph_.nodes.resize(1);
  graph_.nodes[0].op = std::move(op);
  graph_.nodes[0].params = std::move(params);
  pool_ = *ThreadPool::create(1);
}

Quant NodePair::quant(DType type) {
  if (type == DType::f32) return {};
  const std::int32_t zero = type == DType::u8 ? pick(0, 255) : pick(-128, 127);
  return {{static_cast<float>(pick(2, 100)) / 1000.0f}, {zero}, 0};
}

TensorId NodePair::add(DType type, const Shape& shape, const Quant& quant) {
  TensorInfo& info = graph_.tensors.emplace_back();
  info.name = fmt::format("t{}", graph_.tensors.size() - 1);
  info.dtype = type;
  info.shape = shape;
  info.quant = quant;
  return static_cast<TensorId>(graph_.tensors.size()) - 1;
}

void NodePair::fill(DType type, std::span<std::byte> bytes) {
  if (type == DType::f32) {
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
      const float value = static_cast<float>(pick(-4000, 4000)) / 1000.0f;
      std::memcpy(bytes.data() + i, &value, sizeof value);
    }
  } else if (type == DType::i32) {
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
      const std::int32_t value = pick(-20000, 20000);
      std::memcpy(bytes.data() + i, &value, sizeof value);
    }
  } else {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(pick(0, 255));
  }
}

NodePair& NodePair::input(DType type, const Shape& shape, const Quant& quant) {
  const TensorId id = add(type, shape, quant);
  graph_.nodes[0].inputs.push_back(id);
  graph_.inputs.push_back(id);
  return *this;
}

NodePair& NodePair::noise(DType type, const Shape& shape, const Quant& quant) {
  const TensorId id = add(type, shape, quant);
  graph_.nodes[0].inputs.push_back(id);
  constants_.emplace_back(graph_.tensor(id).bytes());
  fill(type, constants_.back());
  graph_.tensor(id).data = constants_.back();
  graph_.tensor(id).is_constant = true;
  return *this;
}

NodePair& NodePair::numbers(const std::vector<std::int32_t>& values, const Shape& shape) {
  noise(DType::i32, shape, {});
  std::memcpy(constants_.back().data(), values.data(), constants_.back().size());
  return *this;
}

NodePair& NodePair::output(DType type, const Quant& quant) {
  const TensorId id = add(type, {}, quant);
  graph_.nodes[0].outputs.push_back(id);
  graph_.outputs.push_back(id);
  return *this;
}

std::string NodePair::infer() {
  Node& node = graph_.nodes[0];
  const Operator* op = find_operator(node.op);
  node.in_place = op->in_place;
  const Result<void> result = op->infer(NodeContext(graph_, 0, isa::scalar));
  return result ? "" : "infer: " + result.error().message;
}

Result<std::unique_ptr<Plan>> NodePair::compile(std::string_view backend) {
  PINFER_TRY(const Backend* found, find_backend(backend));
  PlanOptions options;
  options.isa = isa::scalar;
  options.uint8 = Uint8::plain;
  options.pool = pool_.get();
  return found->compile(graph_, options);
}

std::string NodePair::refusal() {
  if (std::string why = infer(); !why.empty()) return why;
  const auto plan = compile("gles");
  return plan ? "" : plan.error().message;
}

std::string NodePair::difference() {
  if (std::string why = infer(); !why.empty()) return why;
  auto judge = compile("cpu"), device = compile("gles");
  if (!judge || !device) return judge ? device.error().message : judge.error().message;
  // Twice: nothing may be left over from a run before.
  for (int run = 0; run < 2; ++run) {
    for (const TensorId id : graph_.inputs) {
      const Tensor to = (*judge)->tensor(id);
      fill(to.info->dtype, {to.data, to.bytes()});
      std::memcpy((*device)->tensor(id).data, to.data, to.bytes());
    }
    const Status first = (*judge)->run(), second = (*device)->run();
    if (first != Status::ok || second != Status::ok)
      return fmt::format("judge: {}, GPU: {}", to_string(first), to_string(second));
    const TensorId id = graph_.outputs[0];
    const Tensor want = (*judge)->tensor(id), got = (*device)->tensor(id);
    std::string why =
        want.info->dtype == DType::f32 ? compare_floats(want, got) : compare_bytes(want, got);
    if (!why.empty())
      return fmt::format("{}{}, run {}: {}", graph_.nodes[0].op, to_string(want.info->shape), run,
                         why);
  }
  return {};
}

}  // namespace pinfer::test
