// SPDX-License-Identifier: Apache-2.0
// pinfer deploy: a bundle onto boards, over ssh; back by itself when the service does not come up.
#include <fmt/ostream.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <sstream>
#include <thread>

#include "apps/pinfer/deploy/rollout.h"
#include "apps/pinfer/json.h"
#include "apps/pinfer/verb.h"
#include "runtime/core/temporary_folder.h"

namespace pinfer {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> targets;
  std::string inventory, config, model, ssh = "ssh";
  DeployOptions deploy;
};

struct BoardResult {
  BoardEntry board;
  Result<Rollout> result = Rollout{};
  std::vector<std::string> notes;
};

// One thread a board, eight at once.
class Fleet final {
 public:
  Fleet(const Options& options, const std::string& scratch, Console& console)
      : options_(options), scratch_(scratch), console_(console), shelf_(scratch) {}

  void run(std::vector<BoardResult>& boards) {
    constexpr std::size_t kAtOnce = 8;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::min(kAtOnce, boards.size()); ++i)
      threads.emplace_back([&] {
        for (std::size_t k = 0; (k = next_++) < boards.size();) run_one(boards[k], k);
      });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void say(BoardResult& board, std::string_view line) {
    const std::lock_guard lock(mutex_);
    board.notes.emplace_back(line);
    if (console_.json) return;
    fmt::print(console_.out, "{}: {}\n", board.board.target, line);
    console_.out.flush();
  }

  void run_one(BoardResult& board, std::size_t number) {
    const std::string own = fmt::format("{}/{}", scratch_, number);
    std::error_code ignored;
    fs::create_directory(own, ignored);
    DeployOptions deploy = options_.deploy;
    deploy.link.scratch = own;
    board.result = roll_out(board.board, deploy, own, shelf_,
                            [&](std::string_view line) { say(board, line); });
    if (console_.json) return;
    const std::lock_guard lock(mutex_);
    if (board.result)
      fmt::print(console_.out, "{}: {}: {}\n", board.board.target, to_string(board.result->outcome),
                 board.result->release);
    else
      fmt::print(console_.err, "pinfer: {}\n", board.result.error().message);
  }

  const Options& options_;
  const std::string& scratch_;
  Console& console_;
  BundleShelf shelf_;
  std::mutex mutex_;
  std::atomic<std::size_t> next_{0};
};

Result<std::vector<BoardResult>> boards_of(const Options& options) {
  std::vector<BoardEntry> entries;
  if (!options.inventory.empty()) {
    PINFER_TRY(entries, read_inventory(options.inventory));
  }
  for (const std::string& target : options.targets) {
    PINFER_CHECK(check_target(target));
    entries.push_back({target, {}, {}});
  }
  if (entries.empty())
    return fail(ErrorCode::invalid_argument,
                "no board: write `pinfer deploy user@board`, or --inventory FILE");
  const bool has_input = !options.config.empty() || !options.model.empty();
  if (options.deploy.rollback && (has_input || !options.deploy.bundle.empty()))
    return fail(ErrorCode::invalid_argument,
                "--rollback goes back to what is on the board: it takes no --config, --model or "
                "--bundle");
  std::vector<BoardResult> boards;
  for (BoardEntry& entry : entries) {
    if (entry.config.empty()) entry.config = options.config;
    if (entry.model.empty()) entry.model = options.model;
    boards.push_back({std::move(entry), Rollout{}, {}});
  }
  return boards;
}

Json to_json(const std::vector<BoardResult>& boards) {
  Json list = Json::array();
  for (const BoardResult& board : boards) {
    Json json{{"board", board.board.target}, {"ok", board.result.has_value()}};
    if (board.result) {
      json["outcome"] = to_string(board.result->outcome);
      json["release"] = board.result->release;
    } else {
      json["error"] = board.result.error().message;
    }
    json["notes"] = board.notes;
    list.push_back(json);
  }
  return {{"boards", list}};
}

// The worst of the boards: what was refused or wrong counts more than what failed.
ExitCode verdict(const std::vector<BoardResult>& boards) {
  ExitCode code = ExitCode::ok;
  for (const BoardResult& board : boards)
    if (!board.result) code = std::max(code, exit_code_of(board.result.error().code));
  return code;
}

Result<ExitCode> deploy(Options options, Console& console) {
  PINFER_TRY(std::vector<BoardResult> boards, boards_of(options));
  PINFER_TRY(const TemporaryFolder scratch, TemporaryFolder::create("bundles"));
  std::istringstream words(options.ssh);
  for (std::string word; words >> word;) options.deploy.link.ssh.push_back(word);
  if (options.deploy.link.ssh.empty())
    return fail(ErrorCode::invalid_argument, "--ssh is empty; it names the program, like ssh");
  options.deploy.link.ask_passwords = boards.size() == 1;
  Fleet(options, scratch.path(), console).run(boards);
  if (console.json) print_json(console.out, to_json(boards));
  const auto up = std::count_if(boards.begin(), boards.end(),
                                [](const BoardResult& board) { return board.result.has_value(); });
  if (!console.json && boards.size() > 1)
    fmt::print(console.out, "{} of {} boards done\n", up, boards.size());
  return verdict(boards);
}

Action declare(OptionList& list) {
  const auto options = std::make_shared<Options>();
  DeployOptions& deploy_options = options->deploy;
  list.add("board", options->targets, "as ssh takes it: user@host, ssh://user@host:port, a name")
      .placeholder("[USER@BOARD...]");
  list.add("--inventory", options->inventory,
           "a file with a board a line: USER@BOARD [config=FILE] [model=DIR]")
      .placeholder("FILE");
  list.add("--bundle", deploy_options.bundle,
           "the bundle, or a folder with bundles; default: build/packages, then this folder")
      .placeholder("PATH");
  list.add("--config", options->config,
           "becomes the board's /etc/pinfer/config.yaml; without it the board keeps its own")
      .placeholder("FILE");
  list.add("--model", options->model,
           "a folder, becomes /var/lib/pinfer/models/<its name>/current on the board")
      .placeholder("DIR");
  list.flag("--replace-config", deploy_options.replace_config,
            "also when the configuration was edited on the board; a dated copy stays there");
  list.flag("--dry-run", deploy_options.dry_run, "look and compare, change nothing");
  list.flag("--rollback", deploy_options.rollback, "back to what ran before the last deployment");
  list.flag("--no-frames", deploy_options.no_frames, "a service without a frame counts as up");
  list.add("--wait", deploy_options.wait, "how long the service may take to come up; default 60s")
      .placeholder("TIME");
  list.add("--ssh", options->ssh, "the program, with its first arguments")
      .environment("PINFER_SSH")
      .show_default()
      .placeholder("COMMAND");
  return [options](Console& console) { return deploy(*options, console); };
}

}  // namespace

extern const Verb deploy_verb;
const Verb deploy_verb{
    .name = "deploy",
    .summary = "bring a bundle onto boards over ssh; back by itself when it does not come up",
    .examples =
        "  pinfer deploy pi@door\n"
        "  pinfer deploy pi@door --config door.yaml --model detector/\n"
        "  pinfer deploy --inventory boards.txt --dry-run\n"
        "  pinfer deploy pi@door --rollback\n"
        "  pinfer deploy root@127.0.0.1 --ssh \"ssh -p 2222 -i key\"\n",
    .declare = declare};

}  // namespace pinfer
