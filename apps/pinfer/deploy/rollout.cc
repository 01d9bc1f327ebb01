// SPDX-License-Identifier: Apache-2.0
#include "apps/pinfer/deploy/rollout.h"

#include <optional>

namespace pinfer {
namespace {

std::string find(const Facts& facts, std::string_view name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string() : found->second;
}

std::string seconds_text(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

// One board on its way.
class Way final {
 public:
  Way(const BoardEntry& board, const DeployOptions& options, const std::string& scratch,
      BundleShelf& shelf, const NoteSink& say)
      : board_(board),
        options_(options),
        scratch_(scratch),
        shelf_(shelf),
        say_(say),
        link_(board.target, options.link) {}

  Result<Rollout> go();

 private:
  Result<Rollout> go_back();
  Result<void> read_inputs();
  Result<void> look();
  Result<void> compare_config();
  [[nodiscard]] bool nothing_to_do() const;
  Result<void> send_all();
  Result<Facts> step(const std::vector<std::string>& words, const std::string& more = {});

  [[nodiscard]] std::string id() const { return bundle_->get("id"); }
  [[nodiscard]] std::string config_path() const {
    return config_ ? incoming_ + "/config.yaml" : std::string("-");
  }
  [[nodiscard]] std::string model_name() const { return model_ ? model_->name : "-"; }
  [[nodiscard]] std::string model_version() const { return model_ ? model_->version : "-"; }
  [[nodiscard]] std::string frames_word() const { return options_.no_frames ? "ready" : "frames"; }

  const BoardEntry& board_;
  const DeployOptions& options_;
  const std::string& scratch_;
  BundleShelf& shelf_;
  const NoteSink& say_;
  BoardLink link_;
  std::optional<ConfigFile> config_;
  std::optional<ModelPack> model_;
  std::shared_ptr<const Bundle> bundle_;
  Facts facts_;
  std::string incoming_;
};

Result<Facts> Way::step(const std::vector<std::string>& words, const std::string& more) {
  const std::string prelude =
      (bundle_ ? shell_printer("manifest", bundle_->manifest) : std::string()) + more;
  return link_.step(words, prelude, say_);
}

Result<void> Way::read_inputs() {
  if (!board_.config.empty()) {
    PINFER_TRY(config_, read_config_file(board_.config));
  }
  if (!board_.model.empty()) {
    PINFER_TRY(model_, pack_model(board_.model, scratch_));
  }
  return {};
}

// What the board is, and whether the bundle may run there.
Result<void> Way::look() {
  PINFER_TRY(facts_, step({"facts"}, "manifest() { :; }\n"));
  PINFER_TRY(bundle_, shelf_.take(options_.bundle, facts_));
  PINFER_TRY(facts_, link_.step({"preflight"}, shell_printer("manifest", bundle_->manifest),
                                [](std::string_view) {}));
  const std::string current = find(facts_, "current");
  say_(fmt::format("{} {}, glibc {}, {} MB free; runs {}", find(facts_, "arch"),
                   find(facts_, "os_name"), find(facts_, "glibc"),
                   std::atol(find(facts_, "free_kb").c_str()) / 1024,
                   current.empty() ? "no Pinfer yet" : current));
  return {};
}

Result<void> Way::compare_config() {
  if (!config_) return {};
  PINFER_TRY(const Facts ignored,
             step({"compare_config", config_->hash, options_.replace_config ? "replace" : "keep"},
                  shell_printer("offered", config_->text)));
  return {};
}

bool Way::nothing_to_do() const {
  const bool same_model = !model_ || find(facts_, "model " + model_->name) == model_->version;
  const bool same_config = !config_ || find(facts_, "config") == config_->hash;
  return find(facts_, "current") == id() && same_config && same_model &&
         find(facts_, "trial").empty();
}

// Beside what runs: the release, the model and the configuration, each with its hash checked there.
Result<void> Way::send_all() {
  PINFER_TRY(const Facts there, step({"prepare", id(), model_name(), model_version()}));
  incoming_ = find(there, "incoming");
  if (find(there, "have release").empty()) {
    say_(fmt::format("copying {} ({} kB)", id(), bundle_->get("size_kb")));
    PINFER_CHECK(link_.send(bundle_->archive, fmt::format("{}/{}.tar", incoming_, id())));
    PINFER_TRY(const Facts ignored, step({"receive_release", id(), bundle_->hash}));
  }
  if (model_ && find(there, "have model").empty()) {
    say_(fmt::format("copying model {} {}", model_->name, model_->version));
    PINFER_CHECK(link_.send(model_->archive,
                            fmt::format("{}/{}-{}.tar", incoming_, model_->name, model_->version)));
    PINFER_TRY(const Facts ignored,
               step({"receive_model", model_->name, model_->version, model_->hash}));
  }
  if (config_) PINFER_CHECK(link_.send(config_->path, config_path()));
  say_("checking the new version on the board");
  PINFER_TRY(const Facts ignored, step({"check", id(), config_path(), model_name(), model_version(),
                                        config_ ? config_->hash : ""}));
  return {};
}

Result<Rollout> Way::go_back() {
  if (options_.dry_run) {
    PINFER_TRY(facts_, step({"facts"}));
    const std::string previous = find(facts_, "previous");
    if (previous.empty())
      return fail(ErrorCode::refused, "{}: there is nothing to go back to on this board",
                  board_.target);
    return Rollout{Outcome::would_switch, previous};
  }
  say_("going back");
  PINFER_TRY(const Facts done, step({"rollback", seconds_text(options_.wait), frames_word()}));
  return Rollout{Outcome::rolled_back, find(done, "switched")};
}

Result<Rollout> Way::go() {
  if (options_.rollback) return go_back();
  PINFER_CHECK(read_inputs());
  PINFER_CHECK(look());
  if (nothing_to_do()) {
    if (find(facts_, "service") != "active")
      say_("pinferd is not active there: systemctl status pinferd says why");
    return Rollout{Outcome::unchanged, id()};
  }
  PINFER_CHECK(compare_config());
  if (options_.dry_run) return Rollout{Outcome::would_switch, id()};
  PINFER_CHECK(send_all());
  say_("switching, and waiting for the service");
  PINFER_TRY(const Facts done, step({"switch", id(), config_path(), model_name(), model_version(),
                                     seconds_text(options_.wait), frames_word()}));
  if (const std::string status = find(done, "status"); !status.empty()) say_(status);
  return Rollout{Outcome::switched, find(done, "switched")};
}

}  // namespace

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::switched:
      return "switched";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::would_switch:
      return "would switch";
    case Outcome::rolled_back:
      return "rolled back";
  }
  return "unknown";
}

Result<std::shared_ptr<const Bundle>> BundleShelf::take(const std::string& where,
                                                        const Facts& board) {
  const std::lock_guard lock(mutex_);
  PINFER_TRY(const std::string path, find_bundle(where, find(board, "arch"), find(board, "os")));
  auto& bundle = bundles_[path];
  if (bundle == nullptr) {
    PINFER_TRY(Bundle opened, open_bundle(path, scratch_));
    bundle = std::make_shared<const Bundle>(std::move(opened));
  }
  return bundle;
}

Result<Rollout> roll_out(const BoardEntry& board, const DeployOptions& options,
                         const std::string& scratch, BundleShelf& shelf, const NoteSink& say) {
  return Way(board, options, scratch, shelf, say).go();
}

}  // namespace pinfer
