// SPDX-License-Identifier: Apache-2.0
// The `gpio` driver of a build without libgpiod: says so.
#include "drivers/output/output.h"

namespace pinfer {

Result<std::unique_ptr<Output>> create_gpio_output(const OutputSpec& spec, const OutputContext&) {
  return fail(ErrorCode::unsupported,
              "output {}: this program was built without libgpiod; install libgpiod-dev and build "
              "with -DPINFER_GPIOD=ON, or use the memory driver",
              spec.name.view());
}

Result<std::unique_ptr<Input>> create_gpio_input(const OutputSpec& spec, const OutputContext&) {
  return fail(ErrorCode::unsupported,
              "input {}: this program was built without libgpiod; install libgpiod-dev and build "
              "with -DPINFER_GPIOD=ON, or use the memory driver",
              spec.name.view());
}

}  // namespace pinfer
