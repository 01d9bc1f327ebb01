// SPDX-License-Identifier: Apache-2.0
// The only file that sees yaml-cpp.
#include "apps/pipeline/config_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <utility>

namespace pinfer {
namespace {

using Kind = YamlNode::Kind;

// Leaves yaml-cpp's parser from inside an event; never leaves parse_yaml().
struct Refused {
  TextPlace place;
  std::string message;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const ConfigSource& source) : source_(source) {}

  YamlDocument take() { return std::move(document_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      throw Refused{place(mark), "a second document starts here; a file holds one map of keys"};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    attach(make(Kind::null, mark, anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    const bool open = std::any_of(open_.begin(), open_.end(), [&](const Open& container) {
      return found != anchors_.end() && container.id == found->second;
    });
    if (found == anchors_.end() || open) {
      throw Refused{place(mark), "this alias stands inside the value that it repeats"};
    }
    count(sizes_[found->second], place(mark));
    attach(found->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const YamlId id = make(Kind::scalar, mark, anchor, tag);
    document_.nodes[id].text = value;
    document_.nodes[id].quoted = tag == "!";
    check_quotes(document_.nodes[id]);
    attach(id);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(Kind::sequence, mark, anchor, tag));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(Kind::map, mark, anchor, tag));
  }
  void OnMapEnd() override {
    merge(document_.nodes[open_.back().id]);
    close();
  }

 private:
  struct Open {
    YamlId id = 0;
    std::optional<YamlId> key;  // map: a key that waits for its value
    std::size_t size_before = 0;
  };

  // Marks mostly come in order: counting on from the last one keeps a file of one long line linear.
  TextPlace place(const YAML::Mark& mark) {
    last_ = source_.place(mark.line + 1, mark.column, last_);
    return last_;
  }

  YamlId make(Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
              const std::string& tag = {}) {
    const auto id = static_cast<YamlId>(document_.nodes.size());
    YamlNode node;
    node.kind = kind;
    node.place = place(mark);
    if (tag != "?" && tag != "!") node.tag = tag;
    count(1, node.place);
    document_.nodes.push_back(std::move(node));
    sizes_.push_back(1);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = id;
    return id;
  }

  void count(std::size_t values, TextPlace where) {
    total_ += values;
    if (total_ <= kMaxYamlValues) return;
    throw Refused{where, fmt::format("more than {} values, aliases included; at most so many are "
                                     "allowed",
                                     kMaxYamlValues)};
  }

  void attach(YamlId id) {
    if (open_.empty()) {
      document_.root = id;
      return;
    }
    Open& parent = open_.back();
    YamlNode& node = document_.nodes[parent.id];
    if (node.kind == Kind::sequence) {
      node.items.push_back(id);
    } else if (!parent.key) {
      parent.key = id;
    } else {
      node.entries.push_back({*parent.key, id, false});
      parent.key.reset();
    }
  }

  void open(YamlId id) {
    if (open_.size() == kMaxYamlDepth) {
      throw Refused{document_.nodes[id].place,
                    fmt::format("nested deeper than {} levels", kMaxYamlDepth)};
    }
    attach(id);
    open_.push_back({id, std::nullopt, total_ - 1});
  }

  void close() {
    sizes_[open_.back().id] = total_ - open_.back().size_before;
    open_.pop_back();
  }

  // `<<: *base` and `<<: [*a, *b]`: entries that the map does not have itself; the first one wins.
  void merge(YamlNode& map) {
    const auto is_merge = [this](const YamlEntry& entry) {
      const YamlNode& key = document_.nodes[entry.key];
      return key.kind == Kind::scalar && key.text == "<<" && !key.quoted;
    };
    std::vector<YamlId> bases;
    for (const YamlEntry& entry : map.entries) {
      if (!is_merge(entry)) continue;
      const YamlNode& value = document_.nodes[entry.value];
      if (value.kind == Kind::sequence) {
        bases.insert(bases.end(), value.items.begin(), value.items.end());
      } else {
        bases.push_back(entry.value);
      }
      for (const YamlId base : bases) {
        if (document_.nodes[base].kind == Kind::map) continue;
        throw Refused{document_.nodes[entry.key].place,
                      "<< takes a map, or a list of maps: <<: *name"};
      }
    }
    std::erase_if(map.entries, is_merge);
    for (const YamlId base : bases) inherit(map, document_.nodes[base]);
  }

  void inherit(YamlNode& map, const YamlNode& base) {
    for (const YamlEntry& entry : base.entries) {
      const std::string& key = document_.nodes[entry.key].text;
      const bool own = std::any_of(map.entries.begin(), map.entries.end(), [&](const auto& e) {
        return document_.nodes[e.key].text == key;
      });
      if (own) continue;
      count(sizes_[entry.value] + 1, map.place);
      map.entries.push_back({entry.key, entry.value, true});
    }
  }

  // yaml-cpp takes a quote that is never closed to the end of the file as one text.
  void check_quotes(const YamlNode& node) const {
    if (!node.quoted) return;
    std::string_view rest = source_.line(node.place.line);
    rest.remove_prefix(std::min(static_cast<std::size_t>(node.place.byte), rest.size()));
    const std::size_t start = rest.find_first_of("\"'");
    if (start == std::string_view::npos) return;
    const char quote = rest[start];
    for (std::size_t i = start + 1; i < rest.size(); ++i) {
      if (rest[i] == '\\' && quote == '"') {
        ++i;
      } else if (rest[i] == quote) {
        return;
      }
    }
    throw Refused{node.place, fmt::format("the quote {} is not closed on this line", quote)};
  }

  const ConfigSource& source_;
  YamlDocument document_;
  std::vector<Open> open_;
  std::vector<std::size_t> sizes_;  // of each complete node, aliases expanded
  std::map<YAML::anchor_t, YamlId> anchors_;
  std::size_t total_ = 0;
  TextPlace last_;
  bool started_ = false;
};

// yaml-cpp's words for what people do wrong most.
std::string explain(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {{
      {"illegal map value", "a ':' does not belong here; check the indentation, or quote the text"},
      {"end of map not found", "this line is indented unlike the keys above it"},
      {"end of sequence not found", "this line is indented unlike the list above it"},
      {"end of map flow not found", "a '{' above is not closed with '}'"},
      {"end of sequence flow not found", "a '[' above is not closed with ']'"},
      {"illegal flow end", "this bracket closes nothing that is open"},
      {"unknown token", "a text cannot start with this character; quote it"},
      {"the referenced anchor is not defined", "this alias has no anchor (&name) above it"},
      {"bad file", "nested too deep"},
  }};
  for (const auto& [theirs, ours] : kWords) {
    if (message == theirs) return std::string(ours);
  }
  return fmt::format("not YAML: {}", message);
}

}  // namespace

std::optional<YamlDocument> parse_yaml(const ConfigSource& source,
                                       std::vector<Diagnostic>& diagnostics) {
  TreeBuilder builder(source);
  try {
    std::istringstream stream(source.text());
    YAML::Parser parser(stream);
    bool any = false;
    while (parser.HandleNextDocument(builder)) any = true;
    if (any) return builder.take();
    diagnostics.push_back(source.at({}, "", "the file is empty"));
  } catch (const Refused& refused) {
    diagnostics.push_back(source.at(refused.place, "", refused.message));
  } catch (const YAML::Exception& error) {
    const TextPlace place = source.place(error.mark.line + 1, error.mark.column);
    const bool variable = source.line(place.line).find("${") != std::string_view::npos;
    diagnostics.push_back(source.at(
        place, "",
        explain(error.msg) + (variable ? "; inside { } and [ ] write \"${NAME}\" in quotes" : "")));
  }
  return std::nullopt;
}

}  // namespace pinfer
