// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/text.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>

namespace pinfer {

std::string count_text(double value) {
  constexpr std::array kUnits = {"", " k", " M", " G", " T"};
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}{}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, kUnits[unit]);
}

std::string bytes_text(std::size_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  const double kib = static_cast<double>(bytes) / 1024;
  if (kib < 1024) return fmt::format("{:.1f} KiB", kib);
  return fmt::format("{:.2f} MiB", kib / 1024);
}

std::string tensor_text(const TensorInfo& info) {
  std::string text = fmt::format("{}{}", to_string(info.dtype), to_string(info.shape));
  if (info.quant.per_channel())
    text += fmt::format(" per channel ({} scales)", info.quant.scale.size());
  else if (info.quant.quantized())
    text += fmt::format(" scale {:.6g} zero point {}", info.scale(), info.zero_point());
  return text;
}

Json tensor_json(const TensorInfo& info) {
  Json json{{"name", info.name},
            {"type", to_string(info.dtype)},
            {"shape", std::vector(info.shape.begin(), info.shape.end())}};
  if (info.quant.quantized()) {
    std::vector<std::int32_t> zero_points;
    for (std::size_t i = 0; i < info.quant.scale.size(); ++i)
      zero_points.push_back(info.quant.zero_of(i));
    json["quantization"] = {
        {"scale", info.quant.scale}, {"zero_point", zero_points}, {"axis", info.quant.axis}};
  }
  return json;
}

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool right = i < right_.size() && right_[i];
      const bool last = i + 1 == row.size();
      line += right  ? fmt::format("  {:>{}}", row[i], widths[i])
              : last ? fmt::format("  {}", row[i])
                     : fmt::format("  {:<{}}", row[i], widths[i]);
    }
    out << line << "\n";
  }
}

}  // namespace pinfer
