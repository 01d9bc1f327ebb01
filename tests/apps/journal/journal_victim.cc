// SPDX-License-Identifier: Apache-2.0
// Writes edges into a journal for ever, and says after each one that is on the disk which it was.
#include <cstdio>

#include "apps/journal/journal.h"

int main(int, char** argv) {
  const auto journal = pinfer::Journal::open({argv[1], pinfer::kMinJournalBytes});
  if (!journal) return 1;
  for (std::uint64_t i = 0;; ++i) {
    pinfer::Event event;
    event.kind = pinfer::EventKind::edge;
    event.sequence = i;
    event.at = pinfer::MonotonicTime::now();
    pinfer::assign_cut(event.output, "gate");
    (*journal)->write(event, std::nullopt);
    (*journal)->flush();
    std::FILE* done = std::fopen(argv[2], "w");
    if (done == nullptr) return 1;
    std::fprintf(done, "%llu\n", static_cast<unsigned long long>(i));
    std::fclose(done);
  }
}
