// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/model_options.h"

#include <algorithm>

#include "runtime/cpu/thread_pool.h"

namespace pinfer {

void ModelOptions::declare(OptionList& options) {
  options.add("MODEL", path, "a .tflite file").required();
  options.add("--threads", threads, "worker threads, this one included")
      .range(1, ThreadPool::kMaxThreads)
      .show_default();
  options.add("--backend", backend, "what runs the graph: cpu, gles (the GPU), armnn (Arm NN)")
      .show_default();
  options.add("--cache", cache, "a folder in which the GPU's compiled shaders are kept");
  options.add("--armnn", armnn.devices, "Arm NN's devices in order; default: GpuAcc,CpuAcc,CpuRef")
      .one_of({"GpuAcc", "CpuAcc", "CpuRef"})
      .commas()
      .one_value_each();
  options.flag("--fast-math", armnn.fast_math, "Arm NN may round float convolutions otherwise");
  options.flag("--fp16", armnn.fp16, "Arm NN computes float nets in halves");
  options.add("--isa", isa, "use no newer instructions than these: scalar, neon, neondot, ...")
      .environment("PINFER_ISA")
      .show_default();
  options.flag("--no-passes", no_passes, "run the graph as the file has it");
}

Result<std::shared_ptr<const Model>> ModelOptions::load() const {
  return load_model(path, {.budgets = {}, .passes = !no_passes});
}

Result<SessionOptions> ModelOptions::session_options() const {
  PINFER_TRY(const IsaBits bits, cap_isa(detect_isa(), isa));
  return SessionOptions{.threads = threads,
                        .backend = backend,
                        .isa = bits,
                        .profile = profile,
                        .cache_folder = cache,
                        .armnn = armnn};
}

Result<Session> ModelOptions::open() const {
  PINFER_TRY(const SessionOptions how, session_options());
  PINFER_TRY(auto model, load());
  return Session::create(std::move(model), how);
}

std::vector<ProfileRow> profile_of(const Session& session) {
  std::vector<ProfileRow> rows;
  for (const StepReport& step : session.steps()) {
    auto row = std::find_if(rows.begin(), rows.end(), [&](const ProfileRow& r) {
      return r.op == step.op && r.kernel == step.kernel;
    });
    if (row == rows.end()) row = rows.insert(row, {.op = step.op, .kernel = step.kernel});
    ++row->steps;
    row->macs += step.macs;
    row->total += step.total;
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ProfileRow& a, const ProfileRow& b) { return a.total > b.total; });
  return rows;
}

}  // namespace pinfer
