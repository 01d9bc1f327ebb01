// SPDX-License-Identifier: Apache-2.0
// Whether this machine has OpenGL ES 3.1 at all: tests skip with the backend's own words else.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runtime/session/session.h"
#include "tests/support/small_models.h"

namespace pinfer::test {

// Empty when sessions on the GPU can be made here.
inline std::string why_no_gles() {
  static const std::vector<std::byte> bytes = digits_model().finish();
  auto model = load_model(bytes, "digits", {});
  if (!model) return model.error().message;
  const auto session = Session::create(*model, {.backend = "gles"});
  if (session || session.error().code != ErrorCode::unavailable) return {};
  return session.error().message;
}

}  // namespace pinfer::test

#define PINFER_NEEDS_GLES() \
  if (const std::string why = ::pinfer::test::why_no_gles(); !why.empty()) GTEST_SKIP() << why
