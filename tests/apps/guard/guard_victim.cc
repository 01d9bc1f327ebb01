// SPDX-License-Identifier: Apache-2.0
// A client to be killed: holds lines of a memory chip on, as a frame thread would, until the end.
//
// usage: guard_victim SOCKET CHIP LINES TTL_MS [EXTRA_MB]
// SIGUSR1: loops forever without renewing; SIGUSR2: two threads lock each other out.
// Exit codes: 1 set-up failed, 3 the guard has gone.
#include <sys/types.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/guard/client.h"

namespace {

volatile std::sig_atomic_t wanted_hang = 0;

void on_signal(int signal) { wanted_hang = signal; }

void deadlock() {
  std::mutex first, second;
  std::latch both(2);
  const auto take = [&both](std::mutex& mine, std::mutex& other) {
    const std::lock_guard held(mine);
    both.arrive_and_wait();
    const std::lock_guard never(other);
  };
  std::thread thread([&] { take(first, second); });
  take(second, first);
  thread.join();
}

int hold_lines(int argc, char** argv) {
  using namespace pinfer;
  if (argc < 5) return 1;
  const int lines = std::atoi(argv[3]);
  const std::chrono::milliseconds ttl(std::atoi(argv[4]));
  // A large process takes the kernel long to bury: the socket ends late, the lease does not.
  std::vector<char> ballast(argc > 5 ? static_cast<std::size_t>(std::atoi(argv[5])) << 20 : 0, 'x');
  auto guard = GuardClient::connect(argv[1], "victim");
  if (!guard) {
    std::fprintf(stderr, "%s\n", guard.error().message.c_str());
    return 1;
  }
  std::vector<LineSpec> specs(static_cast<std::size_t>(lines));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!specs[i].name.assign(fmt::format("line{}", i)) || !specs[i].driver.assign("memory") ||
        !specs[i].chip.assign(argv[2]))
      return 1;
    specs[i].offset = static_cast<std::uint32_t>(i);
    specs[i].active_low = i % 2 == 1;
  }
  const auto handles = guard->configure(specs);
  if (!handles) {
    std::fprintf(stderr, "%s\n", handles.error().message.c_str());
    return 1;
  }
  std::signal(SIGUSR1, on_signal);
  std::signal(SIGUSR2, on_signal);
  std::atomic<std::uint64_t> turns = 0;
  for (;;) {
    while (wanted_hang == SIGUSR1) turns.fetch_add(1, std::memory_order_relaxed);
    if (wanted_hang == SIGUSR2) deadlock();
    for (const LineHandle handle : *handles)
      if (guard->renew(handle, true, ttl) == Status::backend_fault) return 3;
    LineReport report;
    while (guard->poll(report) == Status::ok) continue;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

int main(int argc, char** argv) { return hold_lines(argc, argv); }
