// SPDX-License-Identifier: Apache-2.0
// roll_out: one board from the version that it runs to another, in steps that may be cut anywhere.
//
// Up to the step `switch` nothing that runs is touched; that step belongs to the board alone: it
// notes what to go back to, renames, restarts, waits, and goes back by itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "apps/pinfer/deploy/board_link.h"
#include "apps/pinfer/deploy/bundle.h"
#include "apps/pinfer/deploy/inventory.h"
#include "runtime/core/clock.h"

namespace pinfer {

struct DeployOptions {
  std::string bundle;  // a file, a folder, or empty
  bool dry_run = false;
  bool rollback = false;
  bool replace_config = false;
  bool no_frames = false;
  Duration wait = std::chrono::seconds(60);
  LinkOptions link;
};

// Bundles that are unpacked already: boards of one kind share one. Used by several threads.
class BundleShelf final {
 public:
  explicit BundleShelf(std::string scratch) : scratch_(std::move(scratch)) {}
  Result<std::shared_ptr<const Bundle>> take(const std::string& where, const Facts& board);

 private:
  std::string scratch_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Bundle>> bundles_;
};

enum class Outcome : std::uint8_t { switched, unchanged, would_switch, rolled_back };
std::string_view to_string(Outcome outcome) noexcept;

struct Rollout {
  Outcome outcome = Outcome::unchanged;
  std::string release;  // that the board runs now, or would
};

// `say` gets a line for people at each step. `scratch` is for this board alone.
Result<Rollout> roll_out(const BoardEntry& board, const DeployOptions& options,
                         const std::string& scratch, BundleShelf& shelf, const NoteSink& say);

}  // namespace pinfer
