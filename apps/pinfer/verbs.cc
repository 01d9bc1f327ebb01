// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "apps/pinfer/verb.h"

namespace pinfer {

// A line whose need is not built disappears. PINFER_CLI_CONFIG comes from CMake.
#define PINFER_IF_runtime(...) __VA_ARGS__
#if PINFER_CLI_CONFIG
#define PINFER_IF_config(...) __VA_ARGS__
#else
#define PINFER_IF_config(...)
#endif

#define PINFER_VERB(name, file, symbol, need) PINFER_IF_##need(extern const Verb symbol;)
#include "apps/pinfer/verbs.inc"
#undef PINFER_VERB

namespace {

constexpr std::array kVerbs = {
#define PINFER_VERB(name, file, symbol, need) PINFER_IF_##need(&symbol, )
#include "apps/pinfer/verbs.inc"
#undef PINFER_VERB
};

}  // namespace

std::span<const Verb* const> verbs() noexcept { return kVerbs; }

}  // namespace pinfer
