// SPDX-License-Identifier: Apache-2.0
// Expands backends.inc: the only place that does.
#include <array>

#include "runtime/backends/backend.h"
#include "runtime/core/suggest.h"

namespace pinfer {

#define PINFER_BACKEND(folder, symbol) extern const Backend symbol;
#include "runtime/backends/backends.inc"
#undef PINFER_BACKEND

namespace {

constexpr std::array kBackends = {
#define PINFER_BACKEND(folder, symbol) &symbol,
#include "runtime/backends/backends.inc"
#undef PINFER_BACKEND
};

}  // namespace

std::span<const Backend* const> backends() { return kBackends; }

Result<const Backend*> find_backend(std::string_view name) {
  std::string known;
  std::array<std::string_view, kBackends.size()> names;
  for (std::size_t i = 0; i < kBackends.size(); ++i) {
    if (kBackends[i]->name == name) return kBackends[i];
    names[i] = kBackends[i]->name;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", names[i]);
  }
  const auto near = nearest(name, names);
  return fail(ErrorCode::invalid_argument, "unknown backend '{}'{}; this build has: {}", name,
              near ? fmt::format(" (did you mean {}?)", *near) : "", known);
}

}  // namespace pinfer
