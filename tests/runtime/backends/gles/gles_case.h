// SPDX-License-Identifier: Apache-2.0
// Whether this machine has OpenGL ES 3.1 at all: tests skip with the backend's own words else.
#pragma once

#include "tests/runtime/backends/backend_case.h"

#define PINFER_NEEDS_GLES()                                                         \
  if (const std::string why = ::pinfer::test::why_no_backend("gles"); !why.empty()) \
  GTEST_SKIP() << why
