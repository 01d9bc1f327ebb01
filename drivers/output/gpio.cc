// SPDX-License-Identifier: Apache-2.0
// The `gpio` driver: finds the chip by its label and requests one line of it.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "drivers/output/gpio_lines.h"
#include "drivers/output/output.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

constexpr const char* kConsumer = "pinfer-guard";

struct CloseChip {
  void operator()(GpioChip* chip) const noexcept { gpio_close_chip(chip); }
};
using OpenChip = std::unique_ptr<GpioChip, CloseChip>;

struct ReleaseLine {
  void operator()(GpioLine* line) const noexcept { gpio_release_line(line); }
};

class GpioOutput final : public Output {
 public:
  GpioOutput(OpenChip chip, GpioLine* line, bool safe_active) noexcept
      : chip_(std::move(chip)), line_(line), safe_active_(safe_active) {}
  ~GpioOutput() override { static_cast<void>(GpioOutput::set(safe_active_)); }

  Status set(bool active) noexcept override {
    return gpio_set(*line_, active) ? Status::ok : Status::backend_fault;
  }

  Status read(bool& active) noexcept override {
    const int level = gpio_get(*line_);
    if (level < 0) return Status::backend_fault;
    active = level == 1;
    return Status::ok;
  }

 private:
  OpenChip chip_;  // before line_: the line is released first
  std::unique_ptr<GpioLine, ReleaseLine> line_;
  bool safe_active_;
};

// What a look at every /dev/gpiochipN has found.
struct ChipSearch {
  OpenChip chip;  // the first with the label
  GpioChipInfo info;
  int matches = 0;
  std::vector<std::string> labels;  // of all chips
  std::string unreadable;           // the first that could not be opened, and why
};

ChipSearch search_chips(std::string_view label) {
  ChipSearch search;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    if (!entry.path().filename().string().starts_with("gpiochip")) continue;
    // A compatibility link (/dev/gpiochip4 -> gpiochip0) would count its chip twice.
    if (entry.is_symlink(ignored)) continue;
    OpenChip chip(gpio_open_chip(entry.path().c_str()));
    GpioChipInfo info;
    if (chip == nullptr || !gpio_read_chip_info(*chip, info)) {
      if (search.unreadable.empty())
        search.unreadable = fmt::format("{}: {}", entry.path().string(), std::strerror(errno));
      continue;
    }
    if (info.label == label && ++search.matches == 1) {
      search.chip = std::move(chip);
      search.info = info;
    }
    search.labels.push_back(std::move(info.label));
  }
  return search;
}

tl::unexpected<Error> no_such_chip(const OutputSpec& spec, const ChipSearch& search) {
  std::string found;
  for (const std::string& label : search.labels) found += (found.empty() ? "" : ", ") + label;
  const auto meant = nearest(spec.chip.view(), search.labels);
  return fail(ErrorCode::not_found, "output {}: no GPIO chip has the label '{}'; {}{}{}",
              spec.name.view(), spec.chip.view(),
              found.empty() ? "this machine shows none" : "the labels here are " + found,
              meant ? fmt::format(" (did you mean {}?)", *meant) : "",
              search.unreadable.empty()
                  ? ""
                  : "; cannot open " + search.unreadable + " (is the user in group gpio?)");
}

class GpioInput final : public Input {
 public:
  GpioInput(OpenChip chip, GpioLine* line) noexcept : chip_(std::move(chip)), line_(line) {}

  Status read(bool& active) noexcept override {
    const int level = gpio_get(*line_);
    if (level < 0) return Status::backend_fault;
    active = level == 1;
    return Status::ok;
  }

 private:
  OpenChip chip_;  // before line_: the line is released first
  std::unique_ptr<GpioLine, ReleaseLine> line_;
};

Result<void> check_line(const OutputSpec& spec, const ChipSearch& search) {
  if (search.chip == nullptr) return no_such_chip(spec, search);
  if (search.matches > 1)
    return fail(ErrorCode::refused,
                "output {}: {} GPIO chips have the label '{}', so it does not say which one",
                spec.name.view(), search.matches, spec.chip.view());
  if (spec.offset >= search.info.lines)
    return fail(ErrorCode::not_found, "output {}: chip {} has lines 0 to {}, not {}",
                spec.name.view(), spec.chip.view(), search.info.lines - 1, spec.offset);
  GpioLineInfo line;
  if (!gpio_read_line_info(*search.chip, spec.offset, line))
    return fail(ErrorCode::io, "output {}: cannot look at line {} of chip {}: {}", spec.name.view(),
                spec.offset, spec.chip.view(), std::strerror(errno));
  if (line.used)
    return fail(ErrorCode::refused,
                "output {}: line {} of chip {} is in use by '{}'; stop that program or overlay, or "
                "use another line",
                spec.name.view(), spec.offset, spec.chip.view(),
                line.consumer.empty() ? "the kernel" : line.consumer);
  return {};
}

Result<GpioLine*> request_line(const OutputSpec& spec, const ChipSearch& search, bool output) {
  PINFER_CHECK(check_line(spec, search));
  const GpioRequest request{kConsumer, output, spec.safe_active, spec.active_low, spec.bias};
  GpioLine* line = gpio_request(*search.chip, spec.offset, request);
  if (line != nullptr) return line;
  return fail(errno == EBUSY ? ErrorCode::refused : ErrorCode::io,
              "output {}: cannot request line {} of chip {} as an {}: {}", spec.name.view(),
              spec.offset, spec.chip.view(), output ? "output" : "input", std::strerror(errno));
}

}  // namespace

Result<std::unique_ptr<Output>> create_gpio_output(const OutputSpec& spec, const OutputContext&) {
  ChipSearch search = search_chips(spec.chip.view());
  PINFER_TRY(GpioLine* const line, request_line(spec, search, true));
  return std::make_unique<GpioOutput>(std::move(search.chip), line, spec.safe_active);
}

Result<std::unique_ptr<Input>> create_gpio_input(const OutputSpec& spec, const OutputContext&) {
  ChipSearch search = search_chips(spec.chip.view());
  PINFER_TRY(GpioLine* const line, request_line(spec, search, false));
  return std::make_unique<GpioInput>(std::move(search.chip), line);
}

}  // namespace pinfer
