// SPDX-License-Identifier: Apache-2.0
// OneNode: a graph of one operator with its operands, to infer, prepare and run it in a test.
//
//   OneNode node("TILE");
//   node.input<float>({2}, {1, 2}).known<std::int32_t>({1}, {3}).output<float>();
//   EXPECT_EQ(node.run(), Status::ok);
//   EXPECT_THAT(node.result<float>(), ElementsAre(1, 2, 1, 2, 1, 2));
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "runtime/core/aligned_buffer.h"
#include "runtime/cpu/thread_pool.h"
#include "runtime/ops/operator.h"

namespace pinfer {

class OneNode final {
 public:
  explicit OneNode(std::string op, OpParams params = {}, int threads = 1) {
    graph_.nodes.resize(1);
    graph_.nodes[0].op = std::move(op);
    graph_.nodes[0].params = std::move(params);
    pool_ = *ThreadPool::create(threads);
  }

  // An operand whose value exists only at run time.
  template <class T>
  OneNode& input(Shape shape, std::vector<T> values, const Quant& quant = {}) {
    add(dtype_of<T>, shape, bytes_of(values), quant);
    graph_.nodes[0].inputs.push_back(last());
    return *this;
  }
  // An operand that is a constant of the file.
  template <class T>
  OneNode& known(Shape shape, std::vector<T> values, const Quant& quant = {}) {
    input<T>(shape, std::move(values), quant);
    constants_.push_back(values_.back());
    graph_.tensors.back().data = constants_.back();
    graph_.tensors.back().is_constant = true;
    return *this;
  }
  // An operand that keeps its value from run to run; each run here starts with `values`.
  template <class T>
  OneNode& state(Shape shape, std::vector<T> values, const Quant& quant = {}) {
    input<T>(shape, std::move(values), quant);
    graph_.tensors.back().is_variable = true;
    return *this;
  }
  // A carrier of quantization without data (the int8 LSTM has five).
  OneNode& intermediate(Quant quant) {
    add(DType::i16, Shape{}, {}, std::move(quant));
    graph_.nodes[0].intermediates.push_back(last());
    return *this;
  }
  OneNode& absent() {
    graph_.nodes[0].inputs.push_back(kNoTensor);
    return *this;
  }
  template <class T>
  OneNode& output(Quant quant = {}) {
    return output(dtype_of<T>, std::move(quant));
  }
  OneNode& output(DType type, Quant quant = {}) {
    add(type, Shape{}, {}, std::move(quant));
    graph_.tensors.back().shape_known = false;
    graph_.nodes[0].outputs.push_back(last());
    return *this;
  }

  static Quant quant(float scale, std::int32_t zero_point) { return {{scale}, {zero_point}, 0}; }

  Result<void> infer() {
    const Operator* op = find_operator(graph_.nodes[0].op);
    if (op == nullptr) return fail(ErrorCode::internal, "no operator {}", graph_.nodes[0].op);
    return op->infer(context());
  }
  // The sentence with which the operator refuses, empty when it does not.
  std::string refusal() {
    const auto result = infer();
    return result ? std::string{} : result.error().message;
  }

  Status run() {
    const auto inferred = infer();
    if (!inferred) {
      ADD_FAILURE() << inferred.error().message;
      return Status::bad_value;
    }
    auto step = find_operator(graph_.nodes[0].op)->prepare(context());
    if (!step) {
      ADD_FAILURE() << step.error().message;
      return Status::bad_value;
    }
    step_ = std::move(*step);
    return run_again();
  }
  // Runs the prepared step once more, with memory that holds garbage outside the inputs.
  Status run_again() {
    std::vector<AlignedBuffer> buffers;
    std::vector<std::byte*> pointers;
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const std::size_t bytes = graph_.tensors[i].bytes();
      buffers.push_back(*AlignedBuffer::create(std::max<std::size_t>(bytes, 1)));
      std::memset(buffers[i].data(), 0xa5, bytes);
      if (values_[i].size() == bytes && bytes != 0)
        std::memcpy(buffers[i].data(), values_[i].data(), bytes);
      pointers.push_back(buffers[i].data());
    }
    AlignedBuffer scratch = *AlignedBuffer::create(step_->info().scratch_bytes);
    const RunContext run{pointers.data(), variables_.data(), scratch.data(), pool_.get()};
    const Status status = step_->run(run);
    for (const TensorId id : graph_.nodes[0].outputs) {
      const auto i = static_cast<std::size_t>(id);
      results_[i].assign(buffers[i].data(), buffers[i].data() + graph_.tensors[i].bytes());
    }
    return status;
  }

  template <class T>
  std::vector<T> result(std::size_t output = 0) const {
    const auto& bytes = results_[static_cast<std::size_t>(graph_.nodes[0].outputs[output])];
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  const Shape& shape(std::size_t output = 0) const {
    return graph_.tensor(graph_.nodes[0].outputs[output]).shape;
  }
  Graph& graph() { return graph_; }
  Node& node() { return graph_.nodes[0]; }
  void set_variables(std::vector<std::byte*> variables) { variables_ = std::move(variables); }
  NodeContext context() { return NodeContext(graph_, 0, detect_isa()); }

 private:
  template <class T>
  static std::vector<std::byte> bytes_of(const std::vector<T>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  void add(DType type, const Shape& shape, std::vector<std::byte> bytes, Quant quant) {
    TensorInfo& info = graph_.tensors.emplace_back();
    info.name = fmt::format("t{}", graph_.tensors.size() - 1);
    info.dtype = type;
    info.shape = shape;
    info.quant = std::move(quant);
    values_.push_back(std::move(bytes));
    results_.emplace_back();
  }
  TensorId last() const { return static_cast<TensorId>(graph_.tensors.size()) - 1; }

  Graph graph_;
  std::vector<std::vector<std::byte>> values_, results_;
  std::deque<std::vector<std::byte>> constants_;
  std::vector<std::byte*> variables_;
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<Step> step_;
};

}  // namespace pinfer
