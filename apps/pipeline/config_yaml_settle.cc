// SPDX-License-Identifier: Apache-2.0
// What is checked and changed in a YAML tree before its keys get a meaning.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "apps/pipeline/config_yaml.h"
#include "apps/pipeline/utf8.h"

namespace pinfer {
namespace {

using Kind = YamlNode::Kind;

class Settler final {
 public:
  Settler(const ConfigSource& source, const Environment& environment, YamlDocument& document,
          std::vector<Diagnostic>& diagnostics)
      : source_(source),
        environment_(environment),
        document_(document),
        diagnostics_(diagnostics),
        seen_(document.nodes.size(), false) {}

  void walk(YamlId id, const std::string& path) {
    if (seen_[id]) return;  // an alias: once is enough
    seen_[id] = true;
    YamlNode& node = document_.nodes[id];
    if (!node.tag.empty()) {
      report(node.place, path,
             fmt::format("the tag {} is not known here{}", node.tag,
                         node.tag == "!secret" ? "; use ${NAME} from the environment" : ""));
    }
    node.reported = !node.tag.empty() || (node.kind == Kind::scalar && !substitute(node, path));
    for (std::size_t i = 0; i < node.items.size(); ++i) walk(node.items[i], join_path(path, i));
    check_keys(node, path);
    for (const YamlEntry& entry : node.entries) {
      if (!entry.inherited) walk(entry.value, join_path(path, document_.nodes[entry.key].text));
    }
  }

 private:
  void report(TextPlace place, std::string path, std::string message) {
    if (diagnostics_.size() == kMaxDiagnostics) return;
    diagnostics_.push_back(source_.at(place, std::move(path), std::move(message)));
  }

  void check_keys(const YamlNode& map, const std::string& path) {
    std::map<std::string, TextPlace> first;
    for (const YamlEntry& entry : map.entries) {
      const YamlNode& key = document_.nodes[entry.key];
      if (key.kind != Kind::scalar) {
        report(key.place, path, "a key must be a word");
        continue;
      }
      if (entry.inherited) continue;
      const auto [earlier, is_new] = first.emplace(key.text, key.place);
      if (is_new) continue;
      report(key.place, join_path(path, key.text),
             fmt::format("given twice; the first one is on line {}", earlier->second.line));
    }
  }

  // ${NAME}, ${NAME:-default}; $${ is a plain ${.
  bool substitute(YamlNode& node, const std::string& path) {
    std::string out;
    const std::string& text = node.text;
    for (std::size_t i = 0; i < text.size();) {
      if (text.compare(i, 3, "$${") == 0) {
        out += "${";
        i += 3;
      } else if (text.compare(i, 2, "${") == 0) {
        const std::size_t end = text.find('}', i);
        if (end == std::string::npos) {
          report(node.place, path, "${ is not closed with }");
          return false;
        }
        const auto value = variable(node, path, text.substr(i + 2, end - i - 2));
        if (!value) return false;
        out += *value;
        i = end + 1;
      } else {
        out += text[i++];
      }
    }
    if (out.size() > kMaxConfigBytes || !is_text(out)) {
      report(node.place, path, "must be one line of text");
      return false;
    }
    node.text = out;
    return true;
  }

  std::optional<std::string> variable(const YamlNode& node, const std::string& path,
                                      const std::string& expression) {
    const std::size_t split = expression.find(":-");
    const std::string name = expression.substr(0, split);
    const bool valid = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return std::isalnum(c) != 0 || c == '_';
                       });
    if (!valid) {
      report(node.place, path,
             fmt::format("'{}' is no name of an environment variable; write ${{NAME}} or "
                         "${{NAME:-default}}",
                         name));
      return std::nullopt;
    }
    if (auto value = environment_(name); value && !(value->empty() && split != std::string::npos)) {
      return value;
    }
    if (split != std::string::npos) return expression.substr(split + 2);
    report(node.place, path,
           fmt::format("the environment variable {} is not set; set it, or write ${{{}:-default}}",
                       name, name));
    return std::nullopt;
  }

  const ConfigSource& source_;
  const Environment& environment_;
  YamlDocument& document_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<bool> seen_;
};

}  // namespace

std::string join_path(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

std::string join_path(std::string_view parent, std::size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

void settle_yaml(const ConfigSource& source, const Environment& environment, YamlDocument& document,
                 std::vector<Diagnostic>& diagnostics) {
  Settler(source, environment, document, diagnostics).walk(document.root, "");
}

}  // namespace pinfer
