// SPDX-License-Identifier: Apache-2.0
// Labels: the names of a model's classes, by class number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/result.h"

namespace pinfer {

inline constexpr std::size_t kMaxLabelFileBytes = 1u << 20;
inline constexpr std::size_t kMaxLabels = 65536;
inline constexpr std::size_t kMaxLabelLength = 256;  // bytes

// One label a line: UTF-8, with or without BOM, LF or CRLF. Lines that all start with rising
// numbers
// ("0 person", "7  truck") give the class number themselves; gaps become empty labels.
Result<std::vector<std::string>> parse_labels(std::string_view text, std::string_view name);

// parse_labels() of a file.
Result<std::vector<std::string>> load_labels(const std::string& path);

// The label of a class, or "" where it has none.
std::string_view label_of(std::span<const std::string> labels, std::int32_t class_id) noexcept;

// Every class with that label (ImageNet has "crane" twice).
std::vector<std::int32_t> classes_of(std::span<const std::string> labels, std::string_view label);

}  // namespace pinfer
