// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/recording.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/aligned_buffer.h"
#include "runtime/core/checked.h"

namespace pinfer::gles {
namespace {

// A shader may read a word beyond the last tensor.
constexpr std::int64_t kBehind = 64;
constexpr GLuint64 kWaitNs = 4'000'000'000;  // the device hangs; before WatchdogSec says so

// Constants that shaders read as tensors: everything that a dispatch names and no node makes.
std::vector<TensorId> constants_read(const RecordingPlan& plan) {
  std::vector<TensorId> ids;
  std::vector<bool> seen(plan.graph.tensors.size(), false);
  for (const auto& node : plan.dispatches)
    for (const Dispatch& dispatch : node)
      for (const Param& param : dispatch.params) {
        if (param.tensor == kNoTensor || !plan.graph.tensor(param.tensor).is_constant) continue;
        if (!seen[static_cast<std::size_t>(param.tensor)]) ids.push_back(param.tensor);
        seen[static_cast<std::size_t>(param.tensor)] = true;
      }
  return ids;
}

}  // namespace

Result<void> Recording::place_constants(const RecordingPlan& plan) {
  addresses_.assign(plan.graph.tensors.size(), -1);
  for (std::size_t i = 0; i < addresses_.size(); ++i)
    if (plan.memory.offsets[i] != MemoryPlan::kNone)
      addresses_[i] = static_cast<std::int64_t>(plan.memory.offsets[i]);
  tensor_bytes_ = static_cast<std::int64_t>(plan.memory.arena_bytes);
  for (const TensorId id : constants_read(plan)) {
    addresses_[static_cast<std::size_t>(id)] = tensor_bytes_;
    tensor_bytes_ +=
        static_cast<std::int64_t>(round_up(plan.graph.tensor(id).data.size(), kAlignment));
  }
  tensor_bytes_ += kBehind;
  const std::int64_t most = context_.limits().storage_bytes;
  const auto constant_bytes = static_cast<std::int64_t>(plan.constants.words().size_bytes());
  if (tensor_bytes_ <= most && constant_bytes <= most) return {};
  return fail(ErrorCode::unsupported,
              "gles: {} bytes of tensors and {} of weights, the driver ({}) allows {} each; use "
              "the cpu backend",
              tensor_bytes_, constant_bytes, context_.driver(), most);
}

Result<const Program*> Recording::program_of(const Dispatch& dispatch) {
  const std::string key = fmt::format("{}\n{}", dispatch.shader, dispatch.choices);
  for (const NamedProgram& named : programs_)
    if (named.key == key) return &named.program;
  PINFER_TRY(Program program, build_program(context_, dispatch.shader, dispatch.choices));
  programs_.push_back({key, std::move(program)});
  return &programs_.back().program;
}

Result<void> Recording::record_one(const Dispatch& dispatch, std::vector<std::byte>& params) {
  const Limits& limits = context_.limits();
  PINFER_TRY(const Program* program, program_of(dispatch));
  const std::size_t at =
      round_up(params.size(), static_cast<std::size_t>(limits.uniform_alignment));
  params.resize(at + static_cast<std::size_t>(program->params_bytes));
  for (const Param& param : dispatch.params) {
    PINFER_TRY(const std::int32_t offset, program->param_offset(context_.gl(), param.name));
    std::int64_t value = param.value;
    if (param.tensor != kNoTensor) {
      const std::int64_t address = addresses_[static_cast<std::size_t>(param.tensor)];
      if (address < 0)
        return fail(ErrorCode::internal, "gles: tensor {} has no place on the device",
                    param.tensor);
      value += address;
    }
    const auto word = static_cast<std::int32_t>(value);
    std::memcpy(params.data() + at + offset, &word, sizeof word);
  }
  const std::int64_t groups =
      std::max<std::int64_t>(1, (dispatch.threads + kGroupThreads - 1) / kGroupThreads);
  const std::int64_t x = std::min<std::int64_t>(groups, limits.group_count);
  const std::int64_t y = (groups + x - 1) / x;
  if (y > limits.group_count)
    return fail(ErrorCode::unsupported, "gles: {} needs {} work groups, the driver allows {} x {}",
                dispatch.kernel, groups, limits.group_count, limits.group_count);
  ready_.push_back({program->id, static_cast<GLintptr>(at), program->params_bytes,
                    static_cast<GLuint>(x), static_cast<GLuint>(y)});
  return {};
}

Result<void> Recording::record(const RecordingPlan& plan) {
  std::vector<std::byte> params;
  for (const auto& node : plan.dispatches) {
    first_.push_back(ready_.size());
    for (const Dispatch& dispatch : node) PINFER_CHECK(record_one(dispatch, params));
  }
  first_.push_back(ready_.size());
  return make_buffers(plan, params);
}

Result<GLuint> Recording::make_buffer(GLsizeiptr bytes, const void* data, GLenum usage,
                                      const char* what) {
  const Gl& gl = context_.gl();
  GLuint buffer = 0;
  gl.GenBuffers(1, &buffer);
  gl.BindBuffer(GL_SHADER_STORAGE_BUFFER, buffer);
  gl.BufferData(GL_SHADER_STORAGE_BUFFER, std::max<GLsizeiptr>(bytes, 16), nullptr, usage);
  if (bytes > 0 && data != nullptr) gl.BufferSubData(GL_SHADER_STORAGE_BUFFER, 0, bytes, data);
  if (const GLenum error = gl.GetError(); error != GL_NO_ERROR)
    return fail(ErrorCode::over_budget,
                "gles: the driver ({}) gives no buffer of {} bytes for {} (GL error {:#x})",
                context_.driver(), bytes, what, error);
  return buffer;
}

Result<void> Recording::make_buffers(const RecordingPlan& plan, std::span<const std::byte> params) {
  const Gl& gl = context_.gl();
  PINFER_TRY(tensors_, make_buffer(static_cast<GLsizeiptr>(tensor_bytes_), nullptr, GL_DYNAMIC_COPY,
                                   "tensors"));
  for (const TensorId id : constants_read(plan)) {
    const std::span<const std::byte> data = plan.graph.tensor(id).data;
    gl.BufferSubData(GL_SHADER_STORAGE_BUFFER,
                     static_cast<GLintptr>(addresses_[static_cast<std::size_t>(id)]),
                     static_cast<GLsizeiptr>(data.size()), data.data());
  }
  const auto words = plan.constants.words();
  PINFER_TRY(constants_,
             make_buffer(static_cast<GLsizeiptr>(round_up<std::size_t>(words.size_bytes(), 16)),
                         nullptr, GL_STATIC_DRAW, "weights"));
  gl.BufferSubData(GL_SHADER_STORAGE_BUFFER, 0, static_cast<GLsizeiptr>(words.size_bytes()),
                   words.data());
  PINFER_TRY(params_, make_buffer(static_cast<GLsizeiptr>(params.size()), params.data(),
                                  GL_STATIC_DRAW, "parameters"));
  std::size_t back = 0;
  for (const Crossing& crossing : plan.downloads) back += round_up(crossing.bytes, kAlignment);
  PINFER_TRY(staging_,
             make_buffer(static_cast<GLsizeiptr>(back), nullptr, GL_STREAM_READ, "results"));
  gl.BindBufferBase(GL_SHADER_STORAGE_BUFFER, 0, tensors_);
  gl.BindBufferBase(GL_SHADER_STORAGE_BUFFER, 1, tensors_);
  gl.BindBufferBase(GL_SHADER_STORAGE_BUFFER, 2, constants_);
  gl.BindBufferBase(GL_SHADER_STORAGE_BUFFER, 3, constants_);
  gl.BindBuffer(GL_COPY_READ_BUFFER, tensors_);
  gl.BindBuffer(GL_COPY_WRITE_BUFFER, staging_);
  if (gl.GetError() != GL_NO_ERROR)
    return fail(ErrorCode::internal, "gles: the driver ({}) refuses to bind buffers",
                context_.driver());
  return {};
}

Result<std::unique_ptr<Recording>> Recording::create(const Context& context, RecordingPlan plan) {
  std::unique_ptr<Recording> recording(new Recording(context));
  PINFER_CHECK(recording->place_constants(plan));
  PINFER_CHECK(recording->record(plan));
  recording->uploads_ = std::move(plan.uploads);
  recording->downloads_ = std::move(plan.downloads);
  if (plan.timed && context.has_timers()) {
    recording->timers_.resize(plan.dispatches.size());
    context.gl().GenQueries(static_cast<GLsizei>(recording->timers_.size()),
                            recording->timers_.data());
  }
  return recording;
}

void Recording::upload() noexcept {
  const Gl& gl = context_.gl();
  for (const Crossing& crossing : uploads_)
    gl.BufferSubData(GL_COPY_READ_BUFFER, static_cast<GLintptr>(crossing.device_offset),
                     static_cast<GLsizeiptr>(crossing.bytes), crossing.host);
}

void Recording::dispatch(std::size_t node) noexcept {
  const Gl& gl = context_.gl();
  for (std::size_t i = first_[node]; i < first_[node + 1]; ++i) {
    const Ready& ready = ready_[i];
    gl.UseProgram(ready.program);
    gl.BindBufferRange(GL_UNIFORM_BUFFER, 0, params_, ready.params_at, ready.params_bytes);
    gl.DispatchCompute(ready.groups_x, ready.groups_y, 1);
    gl.MemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT);
  }
}

Status Recording::wait() noexcept {
  const Gl& gl = context_.gl();
  const GLsync fence = gl.FenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
  if (fence == nullptr) return Status::backend_fault;
  const GLenum answer = gl.ClientWaitSync(fence, GL_SYNC_FLUSH_COMMANDS_BIT, kWaitNs);
  gl.DeleteSync(fence);
  if (answer == GL_TIMEOUT_EXPIRED) return Status::timeout;
  if (answer == GL_WAIT_FAILED || context_.is_lost()) return Status::backend_fault;
  return gl.GetError() == GL_NO_ERROR ? Status::ok : Status::backend_fault;
}

Status Recording::download() noexcept {
  const Gl& gl = context_.gl();
  gl.MemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
  std::size_t at = 0;
  for (const Crossing& crossing : downloads_) {
    gl.CopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER,
                         static_cast<GLintptr>(crossing.device_offset), static_cast<GLintptr>(at),
                         static_cast<GLsizeiptr>(crossing.bytes));
    at += round_up(crossing.bytes, kAlignment);
  }
  if (const Status status = wait(); status != Status::ok || at == 0) return status;
  const void* mapped =
      gl.MapBufferRange(GL_COPY_WRITE_BUFFER, 0, static_cast<GLsizeiptr>(at), GL_MAP_READ_BIT);
  if (mapped == nullptr) return Status::backend_fault;
  const auto* from = static_cast<const std::byte*>(mapped);
  for (const Crossing& crossing : downloads_) {
    std::memcpy(crossing.host, from, crossing.bytes);
    from += round_up(crossing.bytes, kAlignment);
  }
  const bool intact = gl.UnmapBuffer(GL_COPY_WRITE_BUFFER) == GL_TRUE;
  return intact && gl.GetError() == GL_NO_ERROR ? Status::ok : Status::backend_fault;
}

Status Recording::peek(const Crossing& crossing) noexcept {
  const Gl& gl = context_.gl();
  gl.MemoryBarrier(GL_ALL_BARRIER_BITS);
  if (const Status status = wait(); status != Status::ok) return status;
  const void* mapped =
      gl.MapBufferRange(GL_COPY_READ_BUFFER, static_cast<GLintptr>(crossing.device_offset),
                        static_cast<GLsizeiptr>(crossing.bytes), GL_MAP_READ_BIT);
  if (mapped == nullptr) return Status::backend_fault;
  std::memcpy(crossing.host, mapped, crossing.bytes);
  return gl.UnmapBuffer(GL_COPY_READ_BUFFER) == GL_TRUE ? Status::ok : Status::backend_fault;
}

Status Recording::run() noexcept {
  upload();
  for (std::size_t node = 0; node + 1 < first_.size(); ++node) dispatch(node);
  return download();
}

// By the clock of the CPU, one node after the other.
Status Recording::run_clocked(std::span<Duration> times) noexcept {
  upload();
  for (std::size_t node = 0; node < times.size(); ++node) {
    const MonotonicTime start = MonotonicTime::now();
    dispatch(node);
    if (const Status status = wait(); status != Status::ok) return status;
    times[node] = MonotonicTime::now() - start;
  }
  return download();
}

Status Recording::run_timed(std::span<Duration> times) noexcept {
  if (timers_.empty()) return run_clocked(times);
  const Gl& gl = context_.gl();
  const MonotonicTime start = MonotonicTime::now();
  upload();
  for (std::size_t node = 0; node < times.size(); ++node) {
    gl.BeginQuery(GL_TIME_ELAPSED_EXT, timers_[node]);
    dispatch(node);
    gl.EndQuery(GL_TIME_ELAPSED_EXT);
  }
  if (const Status status = download(); status != Status::ok) return status;
  const Duration whole = MonotonicTime::now() - start;
  Duration sum{0};
  for (std::size_t node = 0; node < times.size(); ++node) {
    GLuint64 nanoseconds = 0;
    gl.GetQueryObjectui64vEXT(timers_[node], GL_QUERY_RESULT, &nanoseconds);
    times[node] = Duration(static_cast<std::int64_t>(nanoseconds));
    sum += times[node];
  }
  // Software renderers have timers that see no compute shader.
  if (sum < whole / 100) {
    timers_.clear();
    return run_clocked(times);
  }
  return gl.GetError() == GL_NO_ERROR ? Status::ok : Status::backend_fault;
}

}  // namespace pinfer::gles
