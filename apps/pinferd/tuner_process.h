// SPDX-License-Identifier: Apache-2.0
// TunerProcess: a program that answers with a text on its stdout, without anybody waiting for it.
//
// Backends are measured in a process of their own: what a GPU's driver maps, leaks or crashes there
// is not in the daemon, which drives lines meanwhile.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/core/result.h"
#include "runtime/core/unique_fd.h"

namespace pinfer {

class TunerProcess final {
 public:
  // words[0] is the program's path. Error unavailable: it does not start.
  static Result<std::unique_ptr<TunerProcess>> start(const std::vector<std::string>& words);
  TunerProcess(const TunerProcess&) = delete;
  TunerProcess& operator=(const TunerProcess&) = delete;
  ~TunerProcess();  // kills it where it still runs

  // Readable when there is something to read().
  [[nodiscard]] int fd() const noexcept { return out_.get(); }
  // Does not wait. True: it has ended, text() is whole.
  bool read();
  // What it has said; empty where it failed or said too much.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  TunerProcess(pid_t pid, UniqueFd out) : pid_(pid), out_(std::move(out)) {}
  void reap() noexcept;

  pid_t pid_;
  UniqueFd out_;
  std::string text_;
};

}  // namespace pinfer
