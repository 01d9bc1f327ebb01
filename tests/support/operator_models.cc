// SPDX-License-Identifier: Apache-2.0
#include "tests/support/operator_models.h"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace pinfer::test {
namespace {

DType type_of(const std::string& word) {
  if (word == "f32") return DType::f32;
  if (word == "f16") return DType::f16;
  if (word == "i8") return DType::i8;
  if (word == "u8") return DType::u8;
  if (word == "i16") return DType::i16;
  if (word == "i32") return DType::i32;
  if (word == "i64") return DType::i64;
  if (word == "bool") return DType::boolean;
  if (word == "c64") return DType::c64;
  throw std::invalid_argument("no type " + word);
}

void add_quant(TensorSpec& tensor, bool bias) {
  const auto set = [&](float scale, std::int64_t zero_point) {
    tensor.scale = {scale};
    tensor.zero_point = {zero_point};
  };
  if (tensor.dtype == DType::i8) set(0.1f, 3);
  if (tensor.dtype == DType::u8) set(0.1f, 120);
  if (tensor.dtype == DType::i16) set(0.001f, 0);
  if (bias) set(0.005f, 0);
}

std::size_t count_of(const TensorSpec& tensor) {
  std::size_t count = 1;
  for (const std::int32_t dim : tensor.shape) count *= static_cast<std::size_t>(dim);
  return count;
}

template <class T>
void append(std::vector<std::byte>& data, T value) {
  const auto* first = reinterpret_cast<const std::byte*>(&value);
  data.insert(data.end(), first, first + sizeof(T));
}

void append_value(TensorSpec& tensor, double value) {
  // Through a wide integer: a negative double has no uint8_t, a negative integer wraps.
  const auto whole = static_cast<std::int64_t>(value);
  switch (tensor.dtype) {
    case DType::f32:
      return append(tensor.data, static_cast<float>(value));
    case DType::i16:
      return append(tensor.data, static_cast<std::int16_t>(whole));
    case DType::i32:
      return append(tensor.data, static_cast<std::int32_t>(whole));
    case DType::i64:
      return append(tensor.data, whole);
    case DType::u8:
    case DType::boolean:
      return append(tensor.data, static_cast<std::uint8_t>(whole));
    default:
      return append(tensor.data, static_cast<std::int8_t>(whole));
  }
}

// Weights: symmetric, so that every operator takes them; `channels` scales along dimension 0.
void add_noise(TensorSpec& tensor, std::size_t channels) {
  if (tensor.dtype == DType::i8 || tensor.dtype == DType::u8) {
    tensor.scale.assign(channels, 0.05f);
    tensor.zero_point.assign(channels, 0);
  }
  for (std::size_t i = 0; i < count_of(tensor); ++i) append_value(tensor, double(i * 7 % 23) - 11);
}

std::vector<std::int32_t> shape_of(const std::string& word) {
  std::vector<std::int32_t> shape;
  std::istringstream in(word);
  for (std::string dim; std::getline(in, dim, 'x');)
    if (dim != "scalar") shape.push_back(std::stoi(dim));
  return shape;
}

TensorSpec parse(const std::string& text) {
  std::istringstream in(text);
  std::string type, shape, word;
  in >> type >> shape;
  TensorSpec tensor{.name = text, .dtype = type_of(type), .shape = shape_of(shape)};
  add_quant(tensor, false);
  while (in >> word) {
    if (word == "=") {
      for (double value; in >> value;) append_value(tensor, value);
    } else if (word == "@") {
      in >> tensor.scale[0] >> tensor.zero_point[0];
    } else if (word == "q") {
      add_quant(tensor, true);
    } else if (word == "var") {
      tensor.is_variable = true;
    } else if (word[0] == '~') {
      add_noise(tensor, word.size() > 1 ? std::stoul(word.substr(1)) : 1);
    } else {
      throw std::invalid_argument("no word " + word + " in '" + text + "'");
    }
  }
  return tensor;
}

}  // namespace

ModelBuilder OperatorModel::build() const {
  ModelBuilder b;
  std::vector<TensorId> operands, results, graph_inputs;
  for (const std::string& text : inputs) {
    if (text == "-") {
      operands.push_back(kNoTensor);
      continue;
    }
    TensorSpec tensor = parse(text);
    const bool from_caller = tensor.data.empty() && !tensor.is_variable && count_of(tensor) != 0;
    operands.push_back(b.add_tensor(std::move(tensor)));
    if (from_caller) graph_inputs.push_back(operands.back());
  }
  for (const std::string& text : outputs) results.push_back(b.add_tensor(parse(text)));
  b.add_op(op, params, operands, results);
  b.set_io(graph_inputs, results);
  return b;
}

}  // namespace pinfer::test
