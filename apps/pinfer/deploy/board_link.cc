// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/deploy/board_link.h"

#include <algorithm>

#include "apps/pinfer/deploy/board_script.h"

namespace pinfer {
namespace {

constexpr int kSshFailed = 255;

// For a POSIX shell: 'it'\''s'
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t at = text.rfind('\n');
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

bool take(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

// What a step prints, line by line.
struct StepReader {
  const NoteSink& on_note;
  Facts facts;
  std::string error;  // all lines from "error" on

  void read(std::string_view line) {
    if (!error.empty()) {
      error.append("\n").append(line);
    } else if (take(line, "fact ")) {
      std::size_t blank = line.find(' ');
      // Of several things of a kind: "model NAME VERSION", "have NAME".
      if (line.starts_with("model ") || line.starts_with("have "))
        blank = std::min(line.find(' ', blank + 1), line.size());
      const bool has_value = blank < line.size();
      facts[std::string(line.substr(0, blank))] = has_value ? line.substr(blank + 1) : "yes";
    } else if (take(line, "error ")) {
      error = line;
    } else if (take(line, "note ") || take(line, "diff ")) {
      on_note(line);
    }
  }
};

}  // namespace

std::string shell_printer(std::string_view name, const std::string& text) {
  return fmt::format("{}() {{ printf '%s' {}; }}\n", name, quoted(text));
}

BoardLink::~BoardLink() {
  if (!connected_) return;
  std::vector<std::string> words = ssh_words("");
  words.pop_back();  // the command
  words.insert(words.end() - 1, {"-O", "exit"});
  static_cast<void>(run_process(words, {}, [](std::string_view) {}));
}

std::vector<std::string> BoardLink::ssh_words(const std::string& command) const {
  std::vector<std::string> words = options_.ssh;
  const std::string socket = "ControlPath=" + options_.scratch + "/%C";
  for (const std::string& option :
       {std::string("ConnectTimeout=15"), std::string("ServerAliveInterval=5"),
        std::string("ServerAliveCountMax=6"), std::string("ControlMaster=auto"), socket,
        std::string("ControlPersist=30"),
        std::string(options_.ask_passwords ? "BatchMode=no" : "BatchMode=yes")})
    words.insert(words.end(), {"-o", option});
  words.push_back(target_);
  words.push_back(command);
  return words;
}

Result<Facts> BoardLink::step(const std::vector<std::string>& words, const std::string& prelude,
                              const NoteSink& on_note) {
  std::string arguments;
  for (const std::string& word : words) arguments += " " + quoted(word);
  const std::string command = fmt::format(
      "if [ \"$(id -u)\" = 0 ]; then exec sh -s --{0}; else exec sudo -n sh -s --{0}; fi",
      arguments);
  StepReader reader{on_note, {}, {}};
  PINFER_TRY(const ProcessEnd end, run_process(ssh_words("sh -c " + quoted(command)),
                                               {prelude + std::string(kBoardScript), {}},
                                               [&](std::string_view line) { reader.read(line); }));
  connected_ = end.exit_code != kSshFailed;
  if (end.exit_code == 0) return std::move(reader.facts);
  return failure(end, reader.error, words[0]);
}

tl::unexpected<Error> BoardLink::failure(const ProcessEnd& end, const std::string& said,
                                         std::string_view step) const {
  constexpr int kConfig = 3, kRefused = 4;
  const std::string reason = last_line(end.errors);
  if (end.exit_code == kSshFailed)
    return fail(ErrorCode::unavailable, "{}: no connection, or it broke at step {}: {}", target_,
                step, reason.empty() ? "ssh does not say why" : reason);
  if (said.empty() && end.errors.find("sudo:") != std::string::npos)
    return fail(ErrorCode::refused,
                "{}: root is needed on the board, and sudo wants a password ({}): log in as root, "
                "or let this user have sudo without a password",
                target_, reason);
  const std::string text =
      !said.empty() ? said : fmt::format("step {} ended with {}: {}", step, end.exit_code, reason);
  const ErrorCode code = end.exit_code == kConfig    ? ErrorCode::config
                         : end.exit_code == kRefused ? ErrorCode::refused
                                                     : ErrorCode::io;
  return fail(code, "{}: {}", target_, text);
}

Result<void> BoardLink::send(const std::string& file, const std::string& path) {
  PINFER_TRY(const ProcessEnd end,
             run_process(ssh_words("cat > " + quoted(path)), {{}, file}, [](std::string_view) {}));
  if (end.exit_code == 0) return {};
  if (end.exit_code == kSshFailed) return failure(end, "", "copy");
  return fail(ErrorCode::io, "{}: cannot write {} on the board: {}; is its disk full?", target_,
              path, last_line(end.errors));
}

}  // namespace pinfer
