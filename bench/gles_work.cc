// SPDX-License-Identifier: Apache-2.0
// gles-work MODEL...: what one inference asks of a GPU, on paper: dispatches, multiply-accumulates
// and bytes by kernel, and the least time that some GPUs would need by their peak rates. Needs no
// GPU; Markdown goes to the standard output.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

#include "runtime/backends/gles/division.h"
#include "runtime/session/session.h"

namespace pinfer {
namespace {

// One float multiply and one float addition a lane and cycle, which is what mac.comp sums with;
// memory at its nominal rate. As commonly quoted; not checked against data sheets, nor measured.
struct Device {
  const char* name;
  double gmacs, gbytes;  // a second
};
constexpr Device kDevices[] = {
    {"V3D 4.2 (Pi 4)", 16.0, 12.8},  // 8 QPUs of 4 lanes, 0.5 GHz; LPDDR4-3200, 32 bits
    {"V3D 7.1 (Pi 5)", 38.4, 17.1},  // 12 QPUs of 4 lanes, 0.8 GHz; LPDDR4X-4267, 32 bits
    {"Orin Nano 8GB", 640.0, 68.0},  // 8 SMs of 128 lanes, 0.625 GHz; LPDDR5, 128 bits
};

struct Work {
  int dispatches = 0;
  double macs = 0, bytes = 0;

  void add(const Work& other) {
    dispatches += other.dispatches;
    macs += other.macs;
    bytes += other.bytes;
  }
};

// Every operand once, every result once.
double bytes_of(const Graph& graph, const Node& node) {
  double bytes = 0;
  for (const TensorId id : node.inputs)
    if (id != kNoTensor) bytes += static_cast<double>(graph.tensor(id).bytes());
  for (const TensorId id : node.outputs) bytes += static_cast<double>(graph.tensor(id).bytes());
  return bytes;
}

double least_ms(const Work& work, const Device& device) {
  return std::max(work.macs / device.gmacs, work.bytes / device.gbytes) / 1e6;
}

void print_row(const std::string& net, const std::string& kernel, const Work& work, double sums[]) {
  std::printf("| %s | `%s` | %d | %.2f | %.2f |", net.c_str(), kernel.c_str(), work.dispatches,
              work.macs / 1e6, work.bytes / 1e6);
  for (std::size_t i = 0; i < std::size(kDevices); ++i)
    std::printf(" %.3f |", sums == nullptr ? least_ms(work, kDevices[i]) : sums[i]);
  std::printf("\n");
}

// Rows by kernel, then the sum of all dispatches, each by what bounds it.
Result<void> print_net(const std::string& path) {
  PINFER_TRY(const auto model, load_model(path, {}));
  Graph graph;
  graph.tensors = model->graph.tensors;
  graph.nodes = model->graph.nodes;
  graph.inputs = model->graph.inputs;
  graph.outputs = model->graph.outputs;
  PINFER_TRY(const gles::Division division, gles::divide(graph, model->budgets));
  std::map<std::string, Work> kernels;
  Work all;
  double sums[std::size(kDevices)] = {};
  for (const std::size_t i : division.nodes_at(gles::Place::device)) {
    const auto& dispatches = division.dispatches[i];
    if (dispatches.empty()) continue;
    const Work work{static_cast<int>(dispatches.size()), static_cast<double>(division.macs[i]),
                    bytes_of(graph, graph.nodes[i])};
    kernels[std::string(dispatches.back().kernel)].add(work);
    all.add(work);
    for (std::size_t d = 0; d < std::size(kDevices); ++d) sums[d] += least_ms(work, kDevices[d]);
  }
  const std::string net = std::filesystem::path(path).stem().string();
  for (const auto& [kernel, work] : kernels) print_row(net, kernel, work, nullptr);
  print_row(net, "all", all, sums);
  return {};
}

}  // namespace
}  // namespace pinfer

int main(int count, char** arguments) {
  std::printf("| Net | Kernel | dispatches | MMAC | MB |");
  for (const auto& device : pinfer::kDevices) std::printf(" %s ms |", device.name);
  std::printf("\n|---|---|---:|---:|---:|");
  for (std::size_t i = 0; i < std::size(pinfer::kDevices); ++i) std::printf("---:|");
  std::printf("\n");
  int failed = 0;
  for (int i = 1; i < count; ++i)
    if (const auto done = pinfer::print_net(arguments[i]); !done) {
      std::fprintf(stderr, "%s\n", done.error().message.c_str());
      failed = 1;
    }
  return failed;
}
