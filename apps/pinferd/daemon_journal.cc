// SPDX-License-Identifier: Apache-2.0
// Events on their way to the disk.
#include <cstdlib>

#include "apps/pinferd/daemon_loop.h"

namespace pinfer {
namespace {

// Where systemd lets this service keep things; empty outside a service.
std::string default_journal_path() {
  const char* folder = std::getenv("STATE_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return {};
  const std::string first(folder);
  return first.substr(0, first.find(':')) + "/journal.db";
}

}  // namespace

// Without a journal everything else goes on; the log says why there is none.
void Daemon::open_journal() {
  journal_.reset();  // writes what waits
  journal_troubles_ = 0;
  JournalOptions options{config_.journal.path, config_.journal.max_bytes};
  if (options.path.empty()) options.path = default_journal_path();
  if (!config_.journal.enabled || options.path.empty()) return;
  auto journal = Journal::open(options);
  if (!journal) return log_.warn("no journal: {}", journal.error().message);
  journal_ = std::move(*journal);
  prepare_shelf();
}

void Daemon::prepare_shelf() {
  const bool wanted = journal_ != nullptr && config_.journal.pictures;
  const std::size_t bytes = static_cast<std::size_t>(geometry_.width) *
                            static_cast<std::size_t>(geometry_.height) *
                            static_cast<std::size_t>(bytes_per_pixel(geometry_.format));
  shelf_.prepare(wanted ? bytes : 0);
}

void Daemon::keep(const Event& event) {
  const bool kept = event.kind == EventKind::edge || event.kind == EventKind::withheld ||
                    event.kind == EventKind::resumed || event.kind == EventKind::view;
  if (journal_ == nullptr || !kept) return;
  // A picture for what a picture has caused.
  const bool shown = config_.journal.pictures && event.kind != EventKind::resumed;
  journal_->write(event, shown ? shelf_.find(event.sequence) : std::nullopt);
}

void Daemon::note_journal_troubles() {
  if (journal_ == nullptr) return;
  const JournalReport report = journal_->report();
  const std::uint64_t troubles = report.dropped + report.failed;
  if (troubles == journal_troubles_) return;
  log_.warn("journal: {} entries lost so far ({} came too fast){}", troubles, report.dropped,
            report.error.empty() ? "" : ": " + report.error);
  journal_troubles_ = troubles;
}

}  // namespace pinfer
