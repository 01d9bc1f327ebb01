// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "apps/guard/guard_loop.h"
#include "apps/guard/log.h"
#include "apps/guard/options.h"

namespace pinfer {
namespace {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return 2;
    case ErrorCode::config:
      return 3;
    case ErrorCode::refused:
      return 4;
    default:
      return 1;
  }
}

int report(const Result<void>& result) {
  if (result) return 0;
  say("pinfer-guard: {}", result.error().message);
  return exit_code(result.error().code);
}

// Best effort: without it the guard works, but a full memory can make it late.
void lock_memory() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_MEMLOCK, &limit));
  if (::mlockall(MCL_CURRENT) != 0) return;
  // Under a finite limit locking all future memory would make later mmaps fail.
  if (limit.rlim_max == RLIM_INFINITY)
    static_cast<void>(::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
}

// For ExecStopPost, after the guard has died: opening a line drives its safe level.
Result<void> safe_now(const GuardOptions& options) {
  PINFER_TRY(const SavedTable table, load_table(options.state));
  Result<void> result;
  for (const SavedLine& line : table.lines) {
    auto output = create_output(line.spec);
    if (output || !result) continue;
    result = fail(output.error().code, "{}: that line is not made safe by this command",
                  output.error().message);
  }
  return result;
}

Result<void> run(const GuardOptions& options) {
  lock_memory();  // before there is a thread, or its whole stack would be locked too
  PINFER_TRY(const auto loop, GuardLoop::create(options));
  return loop->run();
}

void print_version() {
  std::string drivers;
  for (const OutputDriver& driver : output_drivers())
    drivers += (drivers.empty() ? "" : ", ") + std::string(driver.name);
  fmt::print("pinfer-guard {} (protocol {}, drivers: {}; {})\n", PINFER_VERSION, kGuardVersion,
             drivers, gpio_library());
}

int dispatch(int argc, char** argv) {
  const auto options = parse_guard_options(argc, argv);
  if (!options) {
    say("pinfer-guard: {}", options.error().message);
    return exit_code(options.error().code);
  }
  switch (options->verb) {
    case GuardVerb::help:
      fmt::print("{}", guard_help());
      return 0;
    case GuardVerb::version:
      print_version();
      return 0;
    case GuardVerb::safe_now:
      return report(safe_now(*options));
    case GuardVerb::run:
      return report(run(*options));
  }
  return 1;
}

}  // namespace
}  // namespace pinfer

int main(int argc, char** argv) {
  try {
    return pinfer::dispatch(argc, argv);
  } catch (const std::exception& error) {  // no memory, no threads
    std::fprintf(stderr, "pinfer-guard: %s\n", error.what());
    return 1;
  }
}
