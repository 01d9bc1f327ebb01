// SPDX-License-Identifier: Apache-2.0
// The `log` driver: a line without a wire; each change becomes one line of text on a descriptor.
#include <poll.h>
#include <unistd.h>

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
    std::array<char, 64> text;
    const auto end = fmt::format_to_n(text.data(), text.size(), "output {}: {}\n",
                                      spec_.name.view(), active_ ? "active" : "inactive");
    static_cast<void>(!::write(fd_, text.data(), std::min(end.size, text.size())));
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
