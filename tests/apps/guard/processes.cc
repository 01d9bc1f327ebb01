// SPDX-License-Identifier: Apache-2.0
#include "tests/apps/guard/processes.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace pinfer::testing {

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "pinfer-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder: " << pattern;
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string runnable(const TempFolder& folder, const std::string& binary) {
  const std::string_view emulator = PINFER_EMULATOR;
  if (emulator.empty()) return binary;
  const std::string path = folder.file("run-" + std::filesystem::path(binary).filename().string());
  std::ofstream(path) << "#!/bin/sh\nexec " << emulator << " " << binary << " \"$@\"\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

Child Child::run(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment) {
  std::vector<char*> argv, envp;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  for (const std::string& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  envp.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, command[0].c_str(), nullptr, nullptr, argv.data(), envp.data());
  EXPECT_EQ(error, 0) << command[0];
  return Child(error == 0 ? pid : -1);
}

Child::~Child() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

std::optional<int> Child::wait(Duration timeout) {
  if (pid_ < 0) return std::nullopt;
  int status = 0;
  if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, timeout))
    return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void sleep_for(Duration duration) { std::this_thread::sleep_for(duration); }

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::atoi(text);
}

LineSpec memory_line(std::string_view name, std::string_view chip, std::uint32_t offset) {
  LineSpec spec;
  EXPECT_TRUE(spec.name.assign(name) && spec.driver.assign("memory") && spec.chip.assign(chip));
  spec.offset = offset;
  return spec;
}

}  // namespace pinfer::testing
