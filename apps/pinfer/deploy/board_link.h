// SPDX-License-Identifier: Apache-2.0
// BoardLink: one board behind ssh. Runs steps of board_facts.sh and board_switch.sh there, as root,
// and sends files. Nothing is needed on the board but a shell.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/pinfer/deploy/process.h"
#include "runtime/core/result.h"

namespace pinfer {

// What a step has said: "fact NAME VALUE" by name (the last one counts).
using Facts = std::map<std::string, std::string, std::less<>>;

// Gets the notes and the differences, as lines for people.
using NoteSink = std::function<void(std::string_view)>;

struct LinkOptions {
  std::vector<std::string> ssh;  // the program and its first arguments
  std::string scratch;           // a folder for the socket that later calls share
  bool ask_passwords = false;    // one board and a person: ssh may ask
};

class BoardLink final {
 public:
  BoardLink(std::string target, LinkOptions options)
      : target_(std::move(target)), options_(std::move(options)) {}
  BoardLink(const BoardLink&) = delete;
  BoardLink& operator=(const BoardLink&) = delete;
  ~BoardLink();  // lets go of the shared connection

  // Runs `step ARGUMENTS...`; `prelude` is shell text that comes before (functions it uses).
  // Errors: unavailable (no connection, or it broke), and what the step says: io, config, refused.
  Result<Facts> step(const std::vector<std::string>& words, const std::string& prelude,
                     const NoteSink& on_note);

  // Copies a file of this machine to a path that the person who logs in may write.
  Result<void> send(const std::string& file, const std::string& path);

 private:
  [[nodiscard]] std::vector<std::string> ssh_words(const std::string& command) const;
  [[nodiscard]] tl::unexpected<Error> failure(const ProcessEnd& end, const std::string& said,
                                              std::string_view step) const;

  std::string target_;
  LinkOptions options_;
  bool connected_ = false;
};

// A shell function `name` that prints `text` as it is.
std::string shell_printer(std::string_view name, const std::string& text);

}  // namespace pinfer
