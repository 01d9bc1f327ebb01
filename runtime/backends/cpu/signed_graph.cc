// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/cpu/signed_graph.h"

#include <algorithm>
#include <numeric>

#include "runtime/backends/cpu/signed_rules.h"
#include "runtime/graph/memory_plan.h"
#include "runtime/ops/flip.h"

namespace pinfer {
namespace {

// Rewrites the nodes one after the other, in order.
class Signer final {
 public:
  explicit Signer(Graph& graph)
      : graph_(graph),
        twin_(graph.tensors.size(), kNoTensor),
        parts_(graph.tensors.size()),
        is_unsigned_(graph.tensors.size(), true),
        is_signed_(graph.tensors.size(), false) {
    stands_for_.resize(graph.tensors.size());
    std::iota(stands_for_.begin(), stands_for_.end(), 0);
  }

  std::vector<TensorId> run() && {
    choose();
    if (std::none_of(rules_.begin(), rules_.end(), [](const auto* rule) { return rule; }))
      return {};
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (rules_[i] != nullptr)
        rewrite(nodes[i], *rules_[i]);
      else
        keep(nodes[i]);
      graph_.nodes.push_back(std::move(nodes[i]));
    }
    for (const TensorId id : graph_.outputs) need_unsigned(id, graph_.nodes.back().source_index);
    return std::move(stands_for_);
  }

 private:
  [[nodiscard]] bool is_byte(TensorId id) const {
    return id != kNoTensor && graph_.tensor(id).dtype == DType::u8;
  }

  template <class Visit>
  void for_data(const Node& node, const SignedRule& rule, const Visit& visit) const {
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (rule.is_data(i) && is_byte(node.inputs[i])) visit(node.inputs[i]);
  }
  template <class Visit>
  void for_activations(const Node& node, const SignedRule& rule, const Visit& visit) const {
    for_data(node, rule, [&](TensorId id) {
      if (!graph_.tensor(id).is_constant) visit(id);
    });
    for (const TensorId id : node.outputs)
      if (is_byte(id)) visit(id);
  }

  TensorId part_of(TensorId id) {
    TensorId at = root_of(graph_, id);
    for (;;) {
      TensorId& next = parts_[static_cast<std::size_t>(at)];
      if (next == at) return at;
      next = parts_[static_cast<std::size_t>(next)];  // halves the way for the next call
      at = next;
    }
  }

  // Fills rules_; a part without a multiplying node would only get flips.
  void choose() {
    std::iota(parts_.begin(), parts_.end(), 0);
    for (const Node& node : graph_.nodes) {
      rules_.push_back(signed_rule(graph_, node));
      TensorId first = kNoTensor;
      if (rules_.back() == nullptr) continue;
      for_activations(node, *rules_.back(), [&](TensorId id) {
        const TensorId part = part_of(id);
        if (first == kNoTensor) first = part;
        parts_[static_cast<std::size_t>(part)] = first;
      });
    }
    std::vector<bool> multiplies(parts_.size(), false);
    const auto part_of_node = [&](const Node& node, const SignedRule& rule) {
      TensorId part = kNoTensor;
      for_activations(node, rule, [&](TensorId id) { part = part_of(id); });
      return part;
    };
    for (std::size_t i = 0; i < rules_.size(); ++i)
      if (rules_[i] != nullptr && rules_[i]->multiplies)
        multiplies[static_cast<std::size_t>(part_of_node(graph_.nodes[i], *rules_[i]))] = true;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i] == nullptr) continue;
      const TensorId part = part_of_node(graph_.nodes[i], *rules_[i]);
      if (part == kNoTensor || !multiplies[static_cast<std::size_t>(part)]) rules_[i] = nullptr;
    }
  }

  // The int8 tensor for `id`.
  TensorId twin(TensorId id) {
    const auto at = static_cast<std::size_t>(id);
    if (twin_[at] != kNoTensor) return twin_[at];
    TensorInfo info = graph_.tensor(id);
    info.dtype = DType::i8;
    for (std::int32_t& zero : info.quant.zero_point) zero -= 128;
    info.data = {};
    if (info.alias_of != kNoTensor) info.alias_of = twin(info.alias_of);
    graph_.tensors.push_back(std::move(info));
    stands_for_.push_back(id);
    return twin_[at] = static_cast<TensorId>(graph_.tensors.size() - 1);
  }

  void add_flip(TensorId from, TensorId to, std::int32_t source_index) {
    Node node;
    node.op = flip_operator.name;
    node.inputs = {from};
    node.outputs = {to};
    node.source_index = source_index;
    node.in_place = flip_operator.in_place;
    graph_.nodes.push_back(std::move(node));
  }

  // Sees to it that the int8 or the uint8 form of an activation exists at this place.
  void need_signed(TensorId id, std::int32_t source_index) {
    const TensorId root = root_of(graph_, id);
    const auto at = static_cast<std::size_t>(root);
    if (is_signed_[at]) return;
    add_flip(root, twin(root), source_index);
    is_signed_[at] = true;
  }
  void need_unsigned(TensorId id, std::int32_t source_index) {
    const TensorId root = root_of(graph_, id);
    const auto at = static_cast<std::size_t>(root);
    if (is_unsigned_[at]) return;
    add_flip(twin(root), root, source_index);
    is_unsigned_[at] = true;
  }

  void rewrite(Node& node, const SignedRule& rule) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const TensorId id = node.inputs[i];
      if (!rule.is_data(i) || !is_byte(id)) continue;
      if (!graph_.tensor(id).is_constant) need_signed(id, node.source_index);
      node.inputs[i] = twin(id);
    }
    for (TensorId& id : node.outputs) {
      if (!is_byte(id)) continue;
      const auto at = static_cast<std::size_t>(root_of(graph_, id));
      is_signed_[at] = true;
      is_unsigned_[at] = false;
      id = twin(id);
    }
    keep_uint8_scheme(node);
  }

  void keep(const Node& node) {
    for (const TensorId id : node.inputs)
      if (is_byte(id)) need_unsigned(id, node.source_index);
  }

  Graph& graph_;
  std::vector<const SignedRule*> rules_;  // by node; null: stays as it is
  std::vector<TensorId> twin_, parts_, stands_for_;
  // By root: in which forms its bytes exist at the current node.
  std::vector<bool> is_unsigned_, is_signed_;
};

}  // namespace

std::vector<TensorId> sign_uint8(Graph& graph) { return Signer(graph).run(); }

FlippedConstants::FlippedConstants(const Graph& graph, std::vector<TensorId> stands_for)
    : stands_for_(std::move(stands_for)),
      readers_(graph.tensors.size(), 0),
      bytes_(graph.tensors.size()) {
  for (const Node& node : graph.nodes)
    for (const TensorId id : node.inputs)
      if (added(id) && graph.tensor(id).is_constant) ++readers_[static_cast<std::size_t>(id)];
}

Result<void> FlippedConstants::make(Graph& graph, const Node& node) {
  for (const TensorId id : node.inputs) {
    if (!added(id) || !graph.tensor(id).is_constant) continue;
    AlignedBuffer& bytes = bytes_[static_cast<std::size_t>(id)];
    const std::span<const std::byte> from = graph.tensor(stands_for(id)).data;
    if (bytes.size() != 0 || from.empty()) continue;
    PINFER_TRY(bytes, AlignedBuffer::create(from.size()));
    flip_bytes(from.data(), bytes.data(), from.size());
    graph.tensor(id).data = bytes.span();
  }
  return {};
}

void FlippedConstants::release(Graph& graph, const Node& node, bool read_later) {
  for (const TensorId id : node.inputs) {
    if (!added(id) || !graph.tensor(id).is_constant || read_later) continue;
    const auto at = static_cast<std::size_t>(id);
    if (--readers_[at] != 0) continue;
    graph.tensor(id).data = {};
    bytes_[at] = AlignedBuffer{};
  }
}

}  // namespace pinfer
