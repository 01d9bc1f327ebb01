// SPDX-License-Identifier: Apache-2.0
// TfliteSource: the verified bytes of a .tflite file (rule V1), and the ways to its buffers. The
// other tflite_*.cc files read from it; nothing outside this room sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/core/result.h"
#include "runtime/model/model.h"
#include "runtime/model/tflite_generated.h"

namespace pinfer {

// Counts what is copied out of the file down against Budgets::constant_bytes: a vector that
// 100,000 tensors share in the file must not become gigabytes of copies.
class Allowance final {
 public:
  explicit Allowance(std::uint64_t bytes) : left_(bytes), all_(bytes) {}
  Result<void> take(std::uint64_t bytes) {
    if (bytes > left_)
      return fail(ErrorCode::over_budget,
                  "V12: what must be copied out of the file exceeds the budget of {} bytes", all_);
    left_ -= bytes;
    return {};
  }
  // Entries of a list that is checked one by one (operands, scales). Real nets have thousands.
  Result<void> take_entries(std::uint32_t count, std::size_t entry_bytes) {
    if (count > entries_left_)
      return fail(ErrorCode::over_budget,
                  "V12: operands and scales of the file are more than {} together", kMaxEntries);
    entries_left_ -= count;
    return take(std::uint64_t{count} * entry_bytes);
  }

 private:
  static constexpr std::uint32_t kMaxEntries = 4'000'000;
  std::uint64_t left_, all_;
  std::uint32_t entries_left_ = kMaxEntries;
};

struct TfliteSource {
  std::span<const std::byte> bytes;
  const wire::Model* root = nullptr;
  Allowance allowance;
};

// Rule V1. `bytes` starts on a 16-byte boundary. Everything reachable through generated accessors
// is inside `bytes` afterwards; vectors of 8-byte numbers may still be misaligned.
Result<TfliteSource> open_tflite(std::span<const std::byte> bytes, const Budgets& budgets);

// The bytes of buffer `index`; empty when it holds none. Rules V2 (index) and V1 (outside).
Result<std::span<const std::byte>> buffer_bytes(const TfliteSource& source, std::uint32_t index);

// A region behind the flatbuffer, for files over 2 GB.
Result<std::span<const std::byte>> outside_bytes(const TfliteSource& source, std::uint64_t offset,
                                                 std::uint64_t size);

inline std::string_view view(const flatbuffers::String* text) {
  return text == nullptr ? std::string_view{} : std::string_view(text->c_str(), text->size());
}

// Length of a vector that the file may leave out.
template <class T>
std::uint32_t size_of_vector(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

}  // namespace pinfer
