// SPDX-License-Identifier: Apache-2.0
// pinfer-bench-kernels: every variant of the multiply-accumulate families that this machine can
// run, on the layers of real nets. A variant that differs from the scalar judge is an error.
//
// Names are KERNEL/SHAPE; --benchmark_filter=REGEX and the rest of Google Benchmark's options work.
#include <benchmark/benchmark.h>

#include <iostream>
#include <memory>

#include "bench/kernels/operands.h"
#include "bench/kernels/shapes.h"

namespace pinfer::bench {
namespace {

// The scalar variant for these types: the last one of the table.
template <class Family>
const typename Family::Kernel* judge_of(MacTypes types) {
  const typename Family::Kernel* judge = nullptr;
  for (const auto* kernel : Family::kernels())
    if (kernel->types == types && kernel->needs == isa::scalar) judge = kernel;
  return judge;
}

template <class Family, class T>
void measure(benchmark::State& state, const typename Family::Kernel& kernel,
             const typename Family::Shape& shape) {
  Operands<Family, T> operands(shape), judged(shape);
  if (!operands.prepare(kernel) || !judged.prepare(*judge_of<Family>(kernel.types))) {
    state.SkipWithError("no memory");
    return;
  }
  operands.run();
  judged.run();
  if (!operands.equals(judged)) {
    state.SkipWithError("differs from the scalar kernel");
    return;
  }
  for (auto _ : state) operands.run();
  const auto macs = static_cast<double>(Family::outputs(shape) * Family::depth(shape));
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}

template <class Family, class T>
void declare(MacTypes types, const std::vector<NamedShape<typename Family::Shape>>& shapes) {
  const IsaBits have = detect_isa();
  for (const auto& [shape, name] : shapes)
    for (const auto* kernel : Family::kernels()) {
      if (kernel->types != types || !covers(have, kernel->needs)) continue;
      if (kernel->suits != nullptr && !kernel->suits(shape)) continue;
      benchmark::RegisterBenchmark(
          (std::string(kernel->name) + "/" + name).c_str(),
          [kernel, at = shape](benchmark::State& state) { measure<Family, T>(state, *kernel, at); })
          ->Unit(benchmark::kMicrosecond);
    }
}

template <class T>
void declare_all(MacTypes types, const Shapes& shapes) {
  declare<ConvFamily, T>(types, shapes.conv);
  declare<DepthwiseFamily, T>(types, shapes.depthwise);
  declare<FullyConnectedFamily, T>(types, shapes.fully_connected);
}

}  // namespace
}  // namespace pinfer::bench

int main(int argc, char** argv) {
  const auto shapes = pinfer::bench::read_shapes("bench/shapes");
  if (!shapes) {
    std::cerr << shapes.error().message << " (run it at the root of the repository)\n";
    return 1;
  }
  pinfer::bench::declare_all<std::int8_t>(pinfer::MacTypes::s8, *shapes);
  pinfer::bench::declare_all<float>(pinfer::MacTypes::f32, *shapes);
  benchmark::AddCustomContext("isa", pinfer::to_string_isa(pinfer::detect_isa()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
