// SPDX-License-Identifier: Apache-2.0
// YamlDocument: a YAML file as a bounded tree in which every value knows its place.
//
// yaml-cpp only tokenizes and gives events. The tree is our own, because yaml-cpp's nodes lose the
// second of two equal keys, follow aliases without bound and give no place for what is missing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pipeline/config_source.h"
#include "apps/pipeline/diagnostic.h"

namespace pinfer {

inline constexpr std::size_t kMaxYamlDepth = 32;
inline constexpr std::size_t kMaxYamlValues =
    20000;  // with every alias counted as what it stands for

using YamlId = std::uint32_t;  // index into YamlDocument::nodes

struct YamlEntry {
  YamlId key = 0;
  YamlId value = 0;
  bool inherited = false;  // came with a merge key (<<)
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool quoted = false;
  bool reported = false;  // has an error already: its value means nothing
  std::string text;       // scalar
  std::string tag;        // "!include"; empty: none
  TextPlace place;
  std::vector<YamlId> items;       // sequence
  std::vector<YamlEntry> entries;  // map; own entries first, then inherited ones
};

struct YamlDocument {
  std::vector<YamlNode> nodes;
  YamlId root = 0;
};

// Reads the one document of the text. Nothing, and one error more, where it cannot be read.
std::optional<YamlDocument> parse_yaml(const ConfigSource& source,
                                       std::vector<Diagnostic>& diagnostics);

// ${NAME} -> value; nothing: not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Reports keys given twice, keys that are not text and tags; puts the environment into the values.
void settle_yaml(const ConfigSource& source, const Environment& environment, YamlDocument& document,
                 std::vector<Diagnostic>& diagnostics);

// "outputs.gate", "rules[2]".
std::string join_path(std::string_view parent, std::string_view key);
std::string join_path(std::string_view parent, std::size_t index);

}  // namespace pinfer
