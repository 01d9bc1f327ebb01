// SPDX-License-Identifier: Apache-2.0
// Recording: what happened during the demo, from the daemon's own words and from the lines
// themselves.
//
// The lines are watched where everybody can see them, in the file of the simulated chip: the daemon
// is not asked whether it did well.
#pragma once

#include <string>
#include <vector>

#include "apps/demo/clip.h"
#include "apps/demo/screen.h"
#include "apps/demo/verdict.h"
#include "apps/pinferd/daemon.h"
#include "apps/pipeline/config.h"
#include "drivers/output/memory_chip.h"

namespace pinfer {

class Recording final {
 public:
  // Errors: config (an output that is no line of a memory chip).
  static Result<Recording> create(const Config& config, const Clip& clip);

  void on_event(const Event& event);
  void on_snapshot(const Snapshot& snapshot);
  // Reads the lines once more, after the daemon has gone.
  void finish();

  // The moment of `snapshot`, for a screen.
  [[nodiscard]] Moment moment(const Snapshot& snapshot) const;
  [[nodiscard]] Verdict verdict() const;
  // Several lines for people; the verdict is the last.
  [[nodiscard]] std::string summary() const;

 private:
  struct Line {
    std::string name;
    std::string chip;  // path
    std::uint32_t offset = 0;
    bool waits = false;  // its rule lets time pass on purpose
    MemoryLine seen;
  };

  void watch();

  Config config_;
  Clip clip_;
  std::vector<Line> lines_;
  std::vector<MemoryChip> chips_;       // by line, once the guard has made them
  std::optional<MonotonicTime> start_;  // of the clip's first frame
  std::vector<Edge> edges_;
  std::vector<Duration> inference_;
  std::vector<Duration> capture_to_edge_;
  std::uint64_t frames_ = 0, dropped_ = 0, withheld_ = 0;
  Duration elapsed_{};
};

// The value that `share` of the sorted values are not above; zero for none.
Duration percentile(std::vector<Duration> values, double share);

}  // namespace pinfer
