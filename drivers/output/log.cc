// SPDX-License-Identifier: Apache-2.0
// The `log` driver: a line without a wire; each change becomes one line of text on a descriptor.
#include <poll.h>
#include <sys/uio.h>

#include <array>

#include "drivers/output/output.h"

namespace pinfer {
namespace {

class LogOutput final : public Output {
 public:
  LogOutput(const OutputSpec& spec, int fd) : spec_(spec), fd_(fd), active_(spec.safe_active) {
    write_level();
  }
  ~LogOutput() override { static_cast<void>(LogOutput::set(spec_.safe_active)); }

  Status set(bool active) noexcept override {
    if (active == active_) return Status::ok;
    active_ = active;
    write_level();
    return Status::ok;
  }

  Status read(bool& active) noexcept override {
    active = active_;
    return Status::ok;
  }

 private:
  // A reader that is too slow loses text; it never holds up whoever sets the level.
  void write_level() const noexcept {
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (fd_ < 0 || ::poll(&ready, 1, 0) != 1) return;
    const std::string_view name = spec_.name.view();
    const std::string_view level = active_ ? ": active\n" : ": inactive\n";
    const std::array parts{part("output "), part(name), part(level)};
    static_cast<void>(!::writev(fd_, parts.data(), static_cast<int>(parts.size())));
  }

  static iovec part(std::string_view text) noexcept {
    return {const_cast<char*>(text.data()), text.size()};
  }

  OutputSpec spec_;
  int fd_;
  bool active_;
};

}  // namespace

Result<std::unique_ptr<Output>> create_log_output(const OutputSpec& spec,
                                                  const OutputContext& context) {
  return std::make_unique<LogOutput>(spec, context.log_fd);
}

}  // namespace pinfer
