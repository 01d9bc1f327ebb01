// SPDX-License-Identifier: Apache-2.0
// journal:
#include <array>
#include <cmath>
#include <cstdlib>

#include "apps/pipeline/config_parts.h"

namespace pinfer {
namespace {

constexpr std::uint64_t kLeastBytes = 2u << 20;
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 30;

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr std::array kUnits = {Unit{"MiB", 1048576.0}, Unit{"GiB", 1073741824.0}, Unit{"MB", 1e6},
                               Unit{"GB", 1e9}};

// "64MiB", "1.5 GB".
void read_size(const ConfigValue& value, std::uint64_t& out) {
  std::string text;
  if (!value.text(text)) return;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  std::string_view unit(end);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& known : kUnits) {
    const double bytes = number * known.bytes;
    if (end == text.c_str() || unit != known.name || !std::isfinite(bytes)) continue;
    if (bytes < static_cast<double>(kLeastBytes) || bytes > static_cast<double>(kMostBytes)) break;
    out = static_cast<std::uint64_t>(bytes);
    return;
  }
  value.mismatch("a size of 2MiB to 64GiB, such as 64MiB");
}

}  // namespace

void read_journal_section(const ConfigValue& value, ConfigDraft& draft) {
  JournalConfig& journal = draft.config.journal;
  if (value.is_scalar()) {  // journal: no
    value.boolean(journal.enabled);
    return;
  }
  Section section(value);
  if (const auto v = section.find("path"); v && v->text(journal.path))
    journal.path = from_folder(draft, journal.path);
  if (const auto v = section.find("max_size")) read_size(*v, journal.max_bytes);
  if (const auto v = section.find("pictures")) v->boolean(journal.pictures);
  section.finish();
}

}  // namespace pinfer
