// SPDX-License-Identifier: Apache-2.0
#include "runtime/backends/gles/context.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace pinfer::gles {
namespace {

std::string_view vendor_of(const Egl& egl, EGLDisplay display) {
  const char* name = egl.QueryString(display, EGL_VENDOR);
  return name == nullptr ? "unknown" : name;
}

std::int32_t integer(const Gl& gl, GLenum name) {
  GLint value = 0;
  gl.GetIntegerv(name, &value);
  return value;
}
std::int32_t integer(const Gl& gl, GLenum name, GLuint index) {
  GLint value = 0;
  gl.GetIntegeri_v(name, index, &value);
  return value;
}

std::string text(const Gl& gl, GLenum name) {
  const GLubyte* bytes = gl.GetString(name);
  return bytes == nullptr ? "?" : reinterpret_cast<const char*>(bytes);
}

bool has_extension(const Gl& gl, std::string_view wanted) {
  const std::int32_t count = integer(gl, GL_NUM_EXTENSIONS);
  for (std::int32_t i = 0; i < count; ++i) {
    const GLubyte* name = gl.GetStringi(GL_EXTENSIONS, static_cast<GLuint>(i));
    if (name != nullptr && wanted == reinterpret_cast<const char*>(name)) return true;
  }
  return false;
}

}  // namespace

Limits capped(const Limits& limits, const Limits& other) {
  Limits result;
  result.group_threads = std::min(limits.group_threads, other.group_threads);
  result.group_count = std::min(limits.group_count, other.group_count);
  result.shared_bytes = std::min(limits.shared_bytes, other.shared_bytes);
  result.storage_blocks = std::min(limits.storage_blocks, other.storage_blocks);
  result.storage_bytes = std::min(limits.storage_bytes, other.storage_bytes);
  result.uniform_alignment = std::max(limits.uniform_alignment, other.uniform_alignment);
  return result;
}

// On the first display that has OpenGL ES 3.1.
Result<void> Context::open() {
  const Egl& egl = library_->egl();
  std::vector<std::string> answers;
  bool any = false;
  for (Way& way : ways_to_displays(egl, answers)) {
    auto display = open_display(egl, way);
    auto made = display ? create_context(display->get())
                        : Result<EGLContext>(tl::unexpected(display.error()));
    any = any || display;
    if (made) {
      display_ = std::move(*display);
      context_ = *made;
      platform_ = std::move(way.name);
      return {};
    }
    answers.push_back(fmt::format("{}: {}", way.name, made.error().message));
  }
  return fail(
      ErrorCode::unavailable, "gles: {} ({})",
      any ? "no OpenGL ES 3.1: a Raspberry Pi 3 or older cannot compute on its GPU; use the "
            "cpu backend"
          : "no display without a screen; is the GPU's driver loaded, and may this user "
            "open /dev/dri/renderD* (group render)?",
      fmt::join(answers, "; "));
}

Result<EGLContext> Context::create_context(EGLDisplay display) const {
  const Egl& egl = library_->egl();
  const char* words = egl.QueryString(display, EGL_EXTENSIONS);
  if (!has_word(words, "EGL_KHR_surfaceless_context") ||
      !has_word(words, "EGL_KHR_no_config_context"))
    return fail(ErrorCode::unavailable, "{} makes no context without a surface",
                vendor_of(egl, display));
  egl.BindAPI(EGL_OPENGL_ES_API);
  std::vector<EGLint> attributes = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 1};
  const std::size_t plain = attributes.size();
  // Only such contexts learn that the device was reset.
  if (has_word(words, "EGL_EXT_create_context_robustness"))
    attributes.insert(attributes.end(), {EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT,
                                         EGL_LOSE_CONTEXT_ON_RESET_EXT});
  for (;;) {
    std::vector<EGLint> list = attributes;
    list.push_back(EGL_NONE);
    const EGLContext context =
        egl.CreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, list.data());
    if (context != EGL_NO_CONTEXT) return context;
    if (attributes.size() == plain) break;
    attributes.resize(plain);
  }
  return fail(ErrorCode::unavailable, "{} has no OpenGL ES 3.1 ({})", vendor_of(egl, display),
              egl_error_name(egl.GetError()));
}

Result<void> Context::read_limits() {
  const Gl& gl = library_->gl();
  driver_ =
      fmt::format("{} | {} | {}", text(gl, GL_VENDOR), text(gl, GL_RENDERER), text(gl, GL_VERSION));
  has_timers_ =
      has_extension(gl, "GL_EXT_disjoint_timer_query") && gl.GetQueryObjectui64vEXT != nullptr;
  limits_.group_threads = std::min(integer(gl, GL_MAX_COMPUTE_WORK_GROUP_INVOCATIONS),
                                   integer(gl, GL_MAX_COMPUTE_WORK_GROUP_SIZE, 0));
  limits_.group_count = std::min(integer(gl, GL_MAX_COMPUTE_WORK_GROUP_COUNT, 0),
                                 integer(gl, GL_MAX_COMPUTE_WORK_GROUP_COUNT, 1));
  limits_.shared_bytes = integer(gl, GL_MAX_COMPUTE_SHARED_MEMORY_SIZE);
  limits_.storage_blocks = integer(gl, GL_MAX_COMPUTE_SHADER_STORAGE_BLOCKS);
  GLint64 bytes = 0;
  gl.GetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &bytes);
  // Addresses are 32-bit integers.
  limits_.storage_bytes = std::min<std::int64_t>(bytes, 1 << 30);
  limits_.uniform_alignment = std::max(integer(gl, GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT), 4);
  const char* cap = std::getenv("PINFER_GLES_LIMITS");
  if (cap != nullptr && std::string_view(cap) == "v3d") limits_ = capped(limits_, Limits{});
  constexpr std::int32_t kSharedBytes = 1024;
  if (limits_.group_threads < kGroupThreads || limits_.storage_blocks < 4 ||
      limits_.group_count < 1 || limits_.shared_bytes < kSharedBytes)
    return fail(ErrorCode::unavailable,
                "gles: {} allows {} threads in a work group and {} storage blocks; {} and 4 are "
                "needed",
                driver_, limits_.group_threads, limits_.storage_blocks, kGroupThreads);
  return {};
}

Result<std::unique_ptr<Context>> Context::create(const std::string& cache_folder) {
  PINFER_TRY(auto library, GlLibrary::open());
  std::unique_ptr<Context> context(new Context(std::move(library)));
  PINFER_CHECK(context->open());
  const Current current(*context);
  if (!current.ok())
    return fail(ErrorCode::unavailable, "gles: the new context cannot be used in this thread ({})",
                egl_error_name(context->library_->egl().GetError()));
  PINFER_CHECK(context->read_limits());
  context->cache_ = ProgramCache(cache_folder, context->driver_);
  return context;
}

Context::~Context() {
  if (context_ != EGL_NO_CONTEXT) library_->egl().DestroyContext(display_.get(), context_);
}

bool Context::is_lost() const noexcept {
  return gl().GetGraphicsResetStatusKHR != nullptr &&
         gl().GetGraphicsResetStatusKHR() != GL_NO_ERROR;
}

Context::Current::Current(const Context& context) noexcept
    : context_(context),
      ok_(context.library_->egl().MakeCurrent(context.display_.get(), EGL_NO_SURFACE,
                                              EGL_NO_SURFACE, context.context_) == EGL_TRUE) {}

Context::Current::~Current() {
  if (ok_)
    context_.library_->egl().MakeCurrent(context_.display_.get(), EGL_NO_SURFACE, EGL_NO_SURFACE,
                                         EGL_NO_CONTEXT);
}

}  // namespace pinfer::gles
