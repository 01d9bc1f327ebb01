// SPDX-License-Identifier: Apache-2.0
// Any text goes to the board reader: it answers with a Board whose lines can all be found, or with
// places and sentences.
#include <cstdlib>

#include "apps/pipeline/board.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void find_all(const pinfer::Board& board) {
  for (const pinfer::BoardPin& pin : board.pins) {
    pinfer::LineRequest request;
    request.chip = pin.chip;
    request.offset = pin.offset;
    request.allow_reserved = true;
    const auto line = pinfer::find_line(board, request);
    require(line && line->offset == pin.offset);
    pinfer::LineRequest by_pin;
    by_pin.pin = pin.pin;
    require(pinfer::find_line(board, by_pin).has_value() == pin.reserved.empty());
    pinfer::LineRequest by_name;
    by_name.name = pin.name + "x";
    static_cast<void>(pinfer::find_line(board, by_name));
  }
  for (const char* value : {"", "Y", "N", "?"})
    for (const char* release : {"", "# R36 (release), REVISION: 4.3", "# R9999999999"})
      static_cast<void>(pinfer::after_release(board, value, release));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // beside the shipped boards, which it may be like
  const pinfer::BoardLoad load = pinfer::parse_board(text, PINFER_BOARDS_DIR "/fuzz.yaml");
  for (const pinfer::Diagnostic& diagnostic : load.diagnostics)
    require(!diagnostic.message.empty() && diagnostic.line >= 0 && diagnostic.caret >= 1);
  require(load.board.has_value() != pinfer::has_errors(load.diagnostics));
  require(pinfer::render_text(load.diagnostics).empty() == load.diagnostics.empty());
  if (load.board) find_all(*load.board);
  return 0;
}
