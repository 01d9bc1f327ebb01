// SPDX-License-Identifier: Apache-2.0
#include "runtime/model/foreign_file.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/core/result.h"
#include "runtime/model/text.h"

namespace pinfer {
namespace {

struct Magic {
  std::string_view prefix, sentence;
};

using namespace std::string_view_literals;

constexpr std::array kMagics = {
    Magic{"version https://git-lfs"sv,
          "this is a Git LFS pointer, not the model itself: run `git lfs pull`"sv},
    Magic{"PK\x03\x04"sv,
          "this is a zip archive (a PyTorch, Keras or bundled model): unpack it, or convert the "
          "model to .tflite"sv},
    Magic{"\x89HDF"sv, "this is an HDF5 file (a Keras model): convert it to .tflite"sv},
    Magic{"\x1f\x8b"sv, "this is a gzip file: decompress it first"sv},
    Magic{"\xfd"
          "7zXZ"sv,
          "this is an xz file: decompress it first"sv},
    Magic{"\x7f"
          "ELF"sv,
          "this is a program, not a model"sv},
    Magic{"\x89PNG"sv, "this is a picture, not a model"sv},
    Magic{"\xff\xd8\xff"sv, "this is a picture, not a model"sv},
    Magic{"\x93NUMPY"sv, "this is a numpy array, not a model"sv},
    Magic{"GGUF"sv, "this is a GGUF model, which Pinfer does not read"sv},
    Magic{"<!DOCTYPE"sv, "this is a web page: the download went wrong"sv},
    Magic{"<html"sv, "this is a web page: the download went wrong"sv},
};

bool contains(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

// protobuf field 1 (ir_version), then usually field 2 (producer_name).
bool looks_like_onnx(std::string_view text) {
  return text.size() > 4 && text[0] == 0x08 && text[1] > 0 && text[1] < 32 &&
         (text[2] == 0x12 || contains(text.substr(0, 256), "onnx"));
}

}  // namespace

std::string describe_foreign_file(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min<std::size_t>(bytes.size(), 4096));
  if (text.empty()) return "the file is empty";
  for (const Magic& magic : kMagics)
    if (text.starts_with(magic.prefix)) return std::string(magic.sentence);
  if (is_text(text)) {
    if (contains(text, "char") && (contains(text, "[]") || contains(text, "0x")))
      return "this is C source that holds a model as an array: convert it back to bytes";
    return "this is a text file, not a model";
  }
  if (looks_like_onnx(text)) return "this is an ONNX model: convert it to .tflite";
  if (text.size() < 8) return fmt::format("the file is cut short: it has {} bytes", bytes.size());
  return fmt::format("this is no .tflite file: bytes 4 to 7 are '{}', expected 'TFL3'",
                     clean_text(text.substr(4, 4), 4));
}

}  // namespace pinfer
