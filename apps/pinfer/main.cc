// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>

#include "apps/pinfer/cli.h"

int main(int argc, char** argv) {
  try {
    return pinfer::run_cli({argv + 1, argv + argc}, std::cout, std::cerr);
  } catch (const std::exception& error) {  // out of memory, mostly
    std::cerr << "pinfer: " << error.what() << "\n";
    return 1;
  }
}
