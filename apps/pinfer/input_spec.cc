// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/input_spec.h"

#include <fmt/ranges.h>

#include <cstring>
#include <optional>

#include "apps/pinfer/npy.h"
#include "runtime/core/suggest.h"

namespace pinfer {
namespace {

std::optional<std::size_t> input_named(const Session& session, std::string_view name) {
  for (std::size_t i = 0; i < session.input_count(); ++i)
    if (session.input(i).info->name == name) return i;
  return std::nullopt;
}

// The '=' that ends the name of an input. Both names and paths may hold one.
std::optional<std::size_t> name_end(const Session& session, const std::string& spec) {
  for (std::size_t at = spec.find('='); at != std::string::npos; at = spec.find('=', at + 1))
    if (input_named(session, spec.substr(0, at))) return at;
  return std::nullopt;
}

std::string missing_name(const Session& session, const std::string& spec) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < session.input_count(); ++i)
    names.push_back(session.input(i).info->name);
  const std::string word = spec.substr(0, spec.find('='));
  const auto meant = nearest(word, names);
  return fmt::format("the model has no input '{}'{}; it has {}", word,
                     meant ? fmt::format(" (did you mean '{}'?)", *meant) : "",
                     fmt::join(names, ", "));
}

}  // namespace

Result<std::vector<std::string>> assign_inputs(const Session& session,
                                               const std::vector<std::string>& given) {
  std::vector<std::string> paths(session.input_count());
  std::vector<std::string> plain;
  for (const std::string& spec : given) {
    const auto end = name_end(session, spec);
    if (!end) {
      // No '/' before the '=': it was meant as a name, not as a path that holds one.
      if (const auto at = spec.find('='); at != std::string::npos && spec.find('/') > at)
        return fail(ErrorCode::invalid_argument, "--input {}: {}", spec,
                    missing_name(session, spec));
      plain.push_back(spec);
      continue;
    }
    std::string& path = paths[*input_named(session, spec.substr(0, *end))];
    if (!path.empty())
      return fail(ErrorCode::invalid_argument, "--input {}: that input is given twice", spec);
    path = spec.substr(*end + 1);
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!paths[i].empty()) continue;
    if (next == plain.size())
      return fail(ErrorCode::invalid_argument,
                  "the model has {} inputs; --input is missing for '{}'", paths.size(),
                  session.input(i).info->name);
    paths[i] = plain[next++];
  }
  if (next < plain.size())
    return fail(ErrorCode::invalid_argument, "--input {}: the model has only {} inputs",
                plain[next], paths.size());
  return paths;
}

Result<void> fill_from_npy(const std::string& path, const Tensor& input) {
  PINFER_TRY(const NpyArray array, read_npy(path));
  if (array.dtype != input.info->dtype || array.data.size() != input.bytes())
    return fail(ErrorCode::invalid_argument, "{}: the array is {}[{}], input '{}' is {}{}", path,
                to_string(array.dtype), fmt::join(array.shape, "x"), input.info->name,
                to_string(input.info->dtype), to_string(input.info->shape));
  if (!array.data.empty()) std::memcpy(input.data, array.data.data(), array.data.size());
  return {};
}

}  // namespace pinfer
