// SPDX-License-Identifier: Apache-2.0
// The `pwm` driver: one channel of a PWM chip by sysfs. The chip is found by its device, because
// the number of /sys/class/pwm/pwmchipN changes from kernel to kernel.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "drivers/output/output.h"
#include "runtime/core/clock.h"
#include "runtime/core/suggest.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

// udev needs a moment to hand the files of a new channel to our group.
constexpr Duration kExportPatience = std::chrono::seconds(1);

// The number in a sysfs file, or nothing.
std::optional<std::uint32_t> read_number(int fd) noexcept {
  char text[24];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  std::uint32_t number = 0;
  if (size <= 0 || std::from_chars(text, text + size, number).ec != std::errc())
    return std::nullopt;
  return number;
}

bool write_text(int fd, std::string_view text) noexcept {
  return ::pwrite(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

bool write_number(int fd, std::uint32_t number) noexcept {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof(text) - 1, number).ptr;
  *end = '\n';
  return write_text(fd, {text, static_cast<std::size_t>(end - text + 1)});
}

UniqueFd open_file(const fs::path& path, int mode) {
  return UniqueFd(::open(path.c_str(), mode | O_CLOEXEC));
}

class PwmOutput final : public Output {
 public:
  PwmOutput(UniqueFd duty, std::uint32_t inactive, std::uint32_t active, bool safe_active) noexcept
      : duty_(std::move(duty)), inactive_(inactive), active_(active), safe_active_(safe_active) {}
  // The channel stays exported and enabled: the hardware goes on with the safe duty.
  ~PwmOutput() override { static_cast<void>(PwmOutput::set(safe_active_)); }

  Status set(bool active) noexcept override {
    return write_number(duty_.get(), active ? active_ : inactive_) ? Status::ok
                                                                   : Status::backend_fault;
  }

  Status read(bool& active) noexcept override {
    const auto duty = read_number(duty_.get());
    if (!duty || (*duty != active_ && *duty != inactive_)) return Status::backend_fault;
    active = *duty == active_;
    return Status::ok;
  }

 private:
  UniqueFd duty_;  // ns of each period at a high voltage
  std::uint32_t inactive_;
  std::uint32_t active_;
  bool safe_active_;
};

// The folders pwmchipN of the device with that name, or, for an absolute path, of that device.
Result<fs::path> find_chip(const OutputSpec& spec, const fs::path& root) {
  const std::string chip(spec.chip.view());
  const bool by_path = chip.starts_with('/');
  std::vector<std::string> devices;
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry :
       fs::directory_iterator(by_path ? fs::path(chip) / "pwm" : root, ignored)) {
    if (!entry.path().filename().string().starts_with("pwmchip")) continue;
    const std::string device = fs::canonical(entry.path() / "device", ignored).filename();
    if (by_path || device == chip)
      found.push_back(entry.path());
    else if (!device.empty())
      devices.push_back(device);
  }
  if (found.size() == 1) return found[0];
  if (!found.empty())
    return fail(ErrorCode::refused, "output {}: {} has {} PWM chips, so it does not say which one",
                spec.name.view(), chip, found.size());
  const auto meant = nearest(chip, devices);
  return fail(ErrorCode::not_found, "output {}: no PWM chip belongs to the device '{}'; {}{}",
              spec.name.view(), chip,
              devices.empty() ? "this machine shows none (is the overlay loaded? dtoverlay=pwm)"
                              : fmt::format("the devices here are {}", fmt::join(devices, ", ")),
              meant ? fmt::format(" (did you mean {}?)", *meant) : "");
}

tl::unexpected<Error> cannot(const OutputSpec& spec, std::string_view what, const fs::path& path) {
  return fail(errno == EBUSY ? ErrorCode::refused : ErrorCode::io, "output {}: cannot {} {}: {}{}",
              spec.name.view(), what, path.string(), std::strerror(errno),
              errno == EACCES ? " (is the user in group gpio?)" : "");
}

// The folder of the channel, exported if it is not.
Result<fs::path> export_channel(const OutputSpec& spec, const fs::path& chip) {
  const UniqueFd count = open_file(chip / "npwm", O_RDONLY);
  const auto channels = count.valid() ? read_number(count.get()) : std::nullopt;
  if (!channels) return cannot(spec, "read", chip / "npwm");
  if (spec.offset >= *channels)
    return fail(ErrorCode::not_found, "output {}: {} has the PWM channels 0 to {}, not {}",
                spec.name.view(), spec.chip.view(), *channels - 1, spec.offset);
  const fs::path folder = chip / fmt::format("pwm{}", spec.offset);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) {
    const UniqueFd file = open_file(chip / "export", O_WRONLY);
    if (!file.valid() || !write_number(file.get(), spec.offset))
      return cannot(spec, "export the channel by", chip / "export");
  }
  const MonotonicTime end = MonotonicTime::now() + kExportPatience;
  while (!open_file(folder / "duty_cycle", O_RDWR).valid()) {
    if (MonotonicTime::now() > end) return cannot(spec, "open", folder / "duty_cycle");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return folder;
}

// Leaves the channel running with `duty` in each `period`, without another duty on the way where it
// runs like that already. The kernel refuses a duty above the period and any word before a period.
bool start(const fs::path& folder, int duty_file, std::uint32_t period, std::uint32_t duty) {
  const UniqueFd periods = open_file(folder / "period", O_RDWR);
  const UniqueFd enable = open_file(folder / "enable", O_RDWR);
  const UniqueFd polarity = open_file(folder / "polarity", O_RDWR);  // some chips have none
  if (!periods.valid() || !enable.valid()) return false;
  char word[9] = {};
  const bool inversed = polarity.valid() && ::pread(polarity.get(), word, 8, 0) == 8 &&
                        std::string_view(word) == "inversed";
  const bool enabled = read_number(enable.get()) == 1U;
  const bool same = enabled && !inversed && read_number(periods.get()) == period;
  if (same) return write_number(duty_file, duty);
  if (enabled && !write_text(enable.get(), "0\n")) return false;
  if (read_number(duty_file).value_or(0) > period && !write_text(duty_file, "0\n")) return false;
  return write_number(periods.get(), period) &&
         (!inversed || write_text(polarity.get(), "normal\n")) && write_number(duty_file, duty) &&
         write_text(enable.get(), "1\n");
}

}  // namespace

Result<std::unique_ptr<Output>> create_pwm_output(const OutputSpec& spec,
                                                  const OutputContext& context) {
  const PwmShape& shape = spec.pwm;
  if (shape.period == 0 || shape.inactive > shape.period || shape.active > shape.period)
    return fail(ErrorCode::config, "output {}: a pwm line needs a period and two levels within it",
                spec.name.view());
  PINFER_TRY(const fs::path chip, find_chip(spec, context.pwm_root));
  PINFER_TRY(const fs::path folder, export_channel(spec, chip));
  UniqueFd duty = open_file(folder / "duty_cycle", O_RDWR);
  if (!duty.valid()) return cannot(spec, "open", folder / "duty_cycle");
  if (::flock(duty.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::refused,
                "output {}: PWM channel {} of {} is in use by another process; stop it",
                spec.name.view(), spec.offset, spec.chip.view());
  // Not the chip's polarity: not every chip can turn it.
  const auto high = [&spec](std::uint32_t level) {
    return spec.active_low ? spec.pwm.period - level : level;
  };
  const std::uint32_t inactive = high(shape.inactive);
  const std::uint32_t active = high(shape.active);
  if (!start(folder, duty.get(), shape.period, spec.safe_active ? active : inactive))
    return cannot(spec, "set up", folder);
  return std::make_unique<PwmOutput>(std::move(duty), inactive, active, spec.safe_active);
}

}  // namespace pinfer
