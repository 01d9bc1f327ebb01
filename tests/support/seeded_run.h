// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runtime/session/session.h"

namespace pinfer::test {

// Runs the session on an input that `seed` names; the bytes of its output.
inline std::string result_of(Session& session, int seed) {
  const Tensor in = session.input(0), out = session.output(0);
  for (std::size_t i = 0; i < in.bytes(); ++i)
    in.data[i] = static_cast<std::byte>(static_cast<int>(i) * 37 + seed * 11);
  EXPECT_EQ(session.run(), Status::ok);
  return {reinterpret_cast<const char*>(out.data), out.bytes()};
}

}  // namespace pinfer::test
