// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/npy.h"

#include <fmt/ranges.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "runtime/core/checked.h"
#include "runtime/core/files.h"
#include "runtime/core/mapped_file.h"

namespace pinfer {
namespace {

constexpr std::uint64_t kMaxFileBytes = 1ull << 30;
constexpr std::string_view kMagic("\x93NUMPY", 6);

struct Descriptor {
  std::string_view text;
  DType dtype;
};
constexpr std::array kDescriptors{
    Descriptor{"<f4", DType::f32}, Descriptor{"<f2", DType::f16}, Descriptor{"<f8", DType::f64},
    Descriptor{"|i1", DType::i8},  Descriptor{"|u1", DType::u8},  Descriptor{"<i2", DType::i16},
    Descriptor{"<u2", DType::u16}, Descriptor{"<i4", DType::i32}, Descriptor{"<u4", DType::u32},
    Descriptor{"<i8", DType::i64}, Descriptor{"<u8", DType::u64}, Descriptor{"|b1", DType::boolean},
    Descriptor{"<c8", DType::c64},
};

// The text after `key`: in the header's dictionary, with blanks skipped; nothing when it is absent.
std::optional<std::string_view> value_of(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = header.substr(at + key.size());
  const std::size_t start = rest.find_first_not_of(" :");
  if (start == std::string_view::npos) return std::nullopt;
  return rest.substr(start);
}

std::optional<std::vector<std::int64_t>> parse_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  if (text.empty() || text[0] != '(') return std::nullopt;
  text.remove_prefix(1);
  for (;;) {
    const std::size_t start = text.find_first_not_of(" ,");
    if (start == std::string_view::npos) return std::nullopt;
    text.remove_prefix(start);
    if (text[0] == ')') return shape;
    std::int64_t dim = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
    if (error != std::errc{} || dim < 0 || shape.size() >= 32) return std::nullopt;
    shape.push_back(dim);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
}

// Splits the file into header text and data; nothing when it is no .npy file.
std::optional<std::pair<std::string_view, std::span<const std::byte>>> split(
    std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < 12 || text.substr(0, 6) != kMagic) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(bytes[i]); };
  const std::size_t start = at(6) == 1 ? 10 : 12;
  std::size_t length = at(8) | at(9) << 8;
  if (start == 12) length |= at(10) << 16 | at(11) << 24;
  if (length > text.size() - start) return std::nullopt;
  return std::pair(text.substr(start, length), bytes.subspan(start + length));
}

}  // namespace

Result<NpyArray> read_npy(const std::string& path) {
  PINFER_TRY(const MappedFile file, MappedFile::open(path, kMaxFileBytes));
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::invalid_argument, "{}: {}", path, why);
  };
  const auto parts = split(file.span());
  if (!parts) return wrong("not an .npy file (no NUMPY header)");
  const auto [header, data] = *parts;
  const auto descriptor = value_of(header, "'descr'"), order = value_of(header, "'fortran_order'"),
             shape_text = value_of(header, "'shape'");
  if (!descriptor || !order || !shape_text) return wrong("the .npy header is incomplete");
  if (order->starts_with("True"))
    return wrong("Fortran order is not supported; save a C-order array");
  NpyArray array;
  const Descriptor* found = nullptr;
  for (const Descriptor& known : kDescriptors)
    if (descriptor->size() > 4 && descriptor->substr(1, 3) == known.text) found = &known;
  if (found == nullptr) return wrong("element type not supported (numbers in little endian are)");
  array.dtype = found->dtype;
  auto shape = parse_shape(*shape_text);
  if (!shape) return wrong("the shape in the .npy header cannot be read");
  std::int64_t bytes = static_cast<std::int64_t>(size_of(array.dtype));
  for (const std::int64_t dim : *shape) {
    const auto product = checked_mul(bytes, dim);
    if (!product) return wrong("the shape in the .npy header is too large");
    bytes = *product;
  }
  if (static_cast<std::uint64_t>(bytes) != data.size())
    return wrong(
        fmt::format("the shape needs {} bytes of data, the file has {}", bytes, data.size()));
  array.shape = std::move(*shape);
  array.data.assign(data.begin(), data.end());
  return array;
}

Result<void> write_npy(const std::string& path, DType dtype, std::span<const std::int32_t> shape,
                       std::span<const std::byte> data) {
  std::string_view descriptor = "|u1";
  for (const Descriptor& known : kDescriptors)
    if (known.dtype == dtype) descriptor = known.text;
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descriptor,
                  fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  // The data starts on a multiple of 64 bytes; the header ends with a newline.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::string file(kMagic);
  file += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
           static_cast<char>(header.size() >> 8)};
  file += header;
  file.append(reinterpret_cast<const char*>(data.data()), data.size());
  return write_file_atomically(path, file);
}

}  // namespace pinfer
