// SPDX-License-Identifier: Apache-2.0
// pinfer-bench: `pinfer bench` as a program of its own, for emulators and bare boards.
#include <array>
#include <exception>
#include <iostream>

#include "apps/pinfer/cli.h"
#include "apps/pinfer/verb.h"

namespace pinfer {

extern const Verb bench_verb;

std::span<const Verb* const> verbs() noexcept {
  static constexpr std::array kOnly = {&bench_verb};
  return kOnly;
}

}  // namespace pinfer

int main(int argc, char** argv) {
  try {
    std::vector<std::string> arguments = {"bench"};
    arguments.insert(arguments.end(), argv + 1, argv + argc);
    return pinfer::run_cli(std::move(arguments), std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "pinfer-bench: " << error.what() << "\n";
    return 1;
  }
}
