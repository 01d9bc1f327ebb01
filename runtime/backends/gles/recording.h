// SPDX-License-Identifier: Apache-2.0
// Recording: the dispatches of a net with their programs, buffers and addresses, ready to be sent
// to the GPU again and again: one submission and one wait a run.
//
// Four buffers: all tensors (planned and aliased by graph/memory_plan), constants (uploaded once),
// the parameters of each dispatch, and what comes back. They die with the context.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/backends/gles/context.h"
#include "runtime/backends/gles/division.h"
#include "runtime/backends/gles/program.h"
#include "runtime/core/clock.h"
#include "runtime/core/status.h"
#include "runtime/graph/memory_plan.h"

namespace pinfer::gles {

// Bytes of a tensor on both sides.
struct Crossing {
  std::size_t device_offset = 0, bytes = 0;
  std::byte* host = nullptr;
};

struct RecordingPlan {
  const Graph& graph;  // of the device: its nodes have one entry each in `dispatches`
  const MemoryPlan& memory;
  std::span<const std::vector<Dispatch>> dispatches;
  const Constants& constants;
  std::vector<Crossing> uploads, downloads;
  bool timed = false;  // run_timed will be called
};

class Recording final {
 public:
  // Needs the context to be current, as all below. Errors: a shader that does not compile, buffers
  // that are larger than the driver allows or has memory for.
  static Result<std::unique_ptr<Recording>> create(const Context& context, RecordingPlan plan);

  // One inference. Status backend_fault when the driver reports an error or the device is lost,
  // timeout when it does not answer.
  [[nodiscard]] Status run() noexcept;
  // The same, and the time that each node took on the device goes to `times`.
  [[nodiscard]] Status run_timed(std::span<Duration> times) noexcept;
  // The parts of run(), to look at nodes one by one.
  void upload() noexcept;
  void dispatch(std::size_t node) noexcept;
  [[nodiscard]] Status download() noexcept;
  // Bytes of any tensor, as they are now.
  [[nodiscard]] Status peek(const Crossing& crossing) noexcept;

 private:
  struct Ready {
    GLuint program = 0;
    GLintptr params_at = 0;
    GLsizeiptr params_bytes = 0;
    GLuint groups_x = 1, groups_y = 1;
  };
  struct NamedProgram {
    std::string key;
    Program program;
  };

  explicit Recording(const Context& context) : context_(context) {}
  Result<void> place_constants(const RecordingPlan& plan);
  Result<const Program*> program_of(const Dispatch& dispatch);
  Result<void> record(const RecordingPlan& plan);
  Result<void> record_one(const Dispatch& dispatch, std::vector<std::byte>& params);
  Result<void> make_buffers(const RecordingPlan& plan, std::span<const std::byte> params);
  Result<GLuint> make_buffer(GLsizeiptr bytes, const void* data, GLenum usage, const char* what);
  [[nodiscard]] Status wait() noexcept;
  [[nodiscard]] Status run_clocked(std::span<Duration> times) noexcept;

  const Context& context_;
  std::deque<NamedProgram> programs_;
  std::vector<Ready> ready_;
  std::vector<std::size_t> first_;       // by node, one more at the end: index into ready_
  std::vector<std::int64_t> addresses_;  // by tensor; -1: not on the device
  std::int64_t tensor_bytes_ = 0;
  GLuint tensors_ = 0, constants_ = 0, params_ = 0, staging_ = 0;
  std::vector<GLuint> timers_;
  std::vector<Crossing> uploads_, downloads_;
};

}  // namespace pinfer::gles
