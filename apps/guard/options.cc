// SPDX-License-Identifier: Apache-2.0
#include "apps/guard/options.h"

#include <getopt.h>

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include "apps/guard/client.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

constexpr std::string_view kDefaultState = "/var/lib/pinfer/state/guard.table";

enum OptionKey : int { kSocket = 1, kState, kPrivate, kReadyFd, kSafeNow, kHelp, kVersion };

constexpr std::array kOptions{
    option{"socket", required_argument, nullptr, kSocket},
    option{"state", required_argument, nullptr, kState},
    option{"private", no_argument, nullptr, kPrivate},
    option{"ready-fd", required_argument, nullptr, kReadyFd},
    option{"safe-now", no_argument, nullptr, kSafeNow},
    option{"help", no_argument, nullptr, kHelp},
    option{"version", no_argument, nullptr, kVersion},
    option{nullptr, 0, nullptr, 0},
};

tl::unexpected<Error> unknown_option(std::string_view word) {
  std::vector<std::string_view> names;
  for (const option& known : kOptions)
    if (known.name != nullptr) names.emplace_back(known.name);
  const auto meant = word.starts_with("--") ? nearest(word.substr(2), names) : std::nullopt;
  return fail(ErrorCode::invalid_argument, "there is no option {}, or it lacks its value{}", word,
              meant ? fmt::format(" (did you mean --{}?)", *meant) : "; see --help");
}

Result<int> parse_fd(std::string_view text) {
  int fd = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fd);
  if (error != std::errc() || end != text.data() + text.size() || fd < 3)
    return fail(ErrorCode::invalid_argument, "--ready-fd {}: not a descriptor above 2", text);
  return fd;
}

}  // namespace

Result<GuardOptions> parse_guard_options(int argc, char** argv) {
  GuardOptions options;
  options.socket = kGuardSocket;
  bool has_state = false;
  opterr = 0;
  optind = 0;  // start over: tests parse more than once
  for (int key = 0; (key = ::getopt_long(argc, argv, "+h", kOptions.data(), nullptr)) != -1;) {
    switch (key) {
      case kSocket:
        options.socket = optarg;
        break;
      case kState:
        options.state = optarg;
        has_state = true;
        break;
      case kPrivate:
        options.is_private = true;
        break;
      case kReadyFd: {
        PINFER_TRY(options.ready_fd, parse_fd(optarg));
        break;
      }
      case kSafeNow:
        options.verb = GuardVerb::safe_now;
        break;
      case 'h':
      case kHelp:
        options.verb = GuardVerb::help;
        break;
      case kVersion:
        options.verb = GuardVerb::version;
        break;
      default:
        return unknown_option(argv[optind - 1]);
    }
  }
  if (optind < argc)
    return fail(ErrorCode::invalid_argument, "{}: unexpected; pinfer-guard takes options only",
                argv[optind]);
  // A private guard's lines belong to its client's life: there is nothing to claim next time.
  if (!has_state && !options.is_private) options.state = kDefaultState;
  return options;
}

std::string guard_help() {
  return fmt::format(
      "pinfer-guard: owns every output line; drives the safe level whenever nobody asks for more\n"
      "\n"
      "usage: pinfer-guard [options]\n"
      "  --socket PATH   where clients connect (default {})\n"
      "  --state FILE    table of lines to claim at the next start (default {})\n"
      "  --safe-now      open the lines of the table, drive them safe, and end\n"
      "  --private       end when the only client has gone and the lines are safe; no table\n"
      "  --ready-fd N    write one byte to descriptor N when clients can connect\n"
      "  -h, --help      this text\n"
      "  --version       version and drivers\n"
      "\n"
      "exit codes: 0 ok, 1 failed, 2 usage, 3 config, 4 refused\n"
      "\n"
      "examples:\n"
      "  pinfer-guard                                    as the systemd unit starts it\n"
      "  pinfer-guard --socket ./g.sock --state ./g.table   without root\n",
      kGuardSocket, kDefaultState);
}

}  // namespace pinfer
