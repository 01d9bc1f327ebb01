// SPDX-License-Identifier: Apache-2.0
// load_model and Session: from a file to something you can run.
//
//   auto model = pinfer::load_model("digits.tflite", {});
//   auto session = pinfer::Session::create(*model, {.threads = 2});
//   fill(session->input(0).as<std::int8_t>());
//   if (session->run() == pinfer::Status::ok) use(session->output(0).as<std::int8_t>());
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/backends/backend.h"
#include "runtime/core/result.h"
#include "runtime/core/status.h"
#include "runtime/cpu/isa.h"
#include "runtime/graph/tensor.h"
#include "runtime/model/model.h"

namespace pinfer {

struct LoadOptions {
  Budgets budgets = {};
  bool passes = true;  // false: run the graph as the file has it (shapes are still resolved)
};

// Reads, verifies, resolves shapes and optimises. Errors name the file, the rule, the operator.
Result<std::shared_ptr<const Model>> load_model(const std::string& path,
                                                const LoadOptions& options);
// The same from memory that outlives the model.
Result<std::shared_ptr<const Model>> load_model(std::span<const std::byte> bytes,
                                                const std::string& name,
                                                const LoadOptions& options);

struct SessionOptions {
  int threads = 1;  // 1..64, the caller included
  std::string backend = "cpu";
  const Backend* backend_record = nullptr;  // instead of the one of that name
  IsaBits isa = detect_isa();               // kernels may use these instruction sets
  bool profile = false;                     // time every step
  Uint8 uint8 = Uint8::automatic;           // all of them give the same results
  std::string cache_folder = {};            // where compiled shaders may be kept; empty: nowhere
  ArmnnOptions armnn = {};                  // for the backend armnn
};

// A model made executable. Move-only; one thread at a time. Several sessions may share one model.
class Session final {
 public:
  static Result<Session> create(std::shared_ptr<const Model> model, const SessionOptions& options);

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  [[nodiscard]] std::size_t input_count() const noexcept;
  [[nodiscard]] std::size_t output_count() const noexcept;
  // Views that stay valid as long as the session; fill inputs before each run.
  [[nodiscard]] Tensor input(std::size_t index) const noexcept;
  [[nodiscard]] Tensor output(std::size_t index) const noexcept;

  // One inference. Allocates nothing.
  [[nodiscard]] Status run() noexcept;
  // run(), calling `observer` after every step.
  [[nodiscard]] Status run_observed(const StepObserver& observer);
  // Variables and recurrent state back to what they were after create().
  [[nodiscard]] Status reset_state() noexcept;

  [[nodiscard]] const Model& model() const noexcept;
  [[nodiscard]] std::span<const StepReport> steps() const noexcept;
  [[nodiscard]] std::span<const Placement> placements() const noexcept;
  [[nodiscard]] std::size_t arena_bytes() const noexcept;
  [[nodiscard]] std::int64_t macs() const noexcept;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pinfer
