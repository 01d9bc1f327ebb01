// SPDX-License-Identifier: Apache-2.0
// Daemon: the control thread of pinferd. run_daemon() makes one and runs it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/journal/journal.h"
#include "apps/pinferd/daemon.h"
#include "apps/pinferd/edges.h"
#include "apps/pinferd/file_watch.h"
#include "apps/pinferd/frame_loop.h"
#include "apps/pinferd/guard_link.h"
#include "apps/pinferd/log.h"
#include "apps/pinferd/model_cache.h"
#include "apps/pinferd/picture_shelf.h"
#include "apps/pinferd/tuner_process.h"
#include "apps/pipeline/config_load.h"
#include "runtime/core/unique_fd.h"
#include "runtime/session/tuning_cache.h"

namespace pinfer {

class Daemon final {
 public:
  explicit Daemon(const DaemonOptions& options);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  int run();

 private:
  enum class Wake : std::uint32_t {
    timer,
    signals,
    config_file,
    frames,
    camera,
    guard,
    tuner,
    stop
  };

  // daemon.cc: start, wait, stop
  Result<void> start();
  Result<void> open_descriptors();
  Result<void> start_frames();
  Result<void> connect_guard();
  void wait_and_serve();
  void serve(Wake what);
  void stop_in_order();
  Result<void> watch(int fd, Wake what) const;
  void finish(int exit_code) noexcept;
  void finish(const Error& error);

  // daemon_serve.cc: what may happen
  void on_timer();
  void on_signal();
  void on_camera();
  void on_guard();
  void drain_events();
  void drain_reports();
  void lose_guard();
  void look_for_guard();
  void emit(const Event& event);
  void take_snapshot();
  void pet_watchdog();
  std::string status_line() const;
  std::string summary() const;

  // daemon_journal.cc: events on their way to the disk
  void open_journal();
  void prepare_shelf();
  void keep(const Event& event);
  void note_journal_troubles();

  // daemon_backend.cc: which backend runs the model
  [[nodiscard]] Config settled(const Config& config) const;
  [[nodiscard]] std::string tuned_thing(const Config& config) const;
  [[nodiscard]] bool is_choice(const Config& config) const;
  void tune_where_asked();
  void on_tuner();
  void on_model_fault();

  // daemon_reload.cc: configurations become pipelines
  Result<void> load_first_config();
  void reload(std::string_view why);
  bool try_reload(std::string_view why);
  Result<void> apply(const Config& config, const ConfigLoad& load);
  Result<std::unique_ptr<Pipeline>> build(const Config& config, std::shared_ptr<const Model> model);
  Result<std::unique_ptr<Pipeline>> build_as(const Config& config,
                                             const std::shared_ptr<const Model>& model);
  void warn_of_short_leases(const Config& config, Duration inference) const;
  Result<LineHandles> configure_lines(const Config& config);
  void note_cause(Cause cause);
  void post(std::unique_ptr<Pipeline> pipeline);
  void rebuild(std::string_view why);
  void build_first_pipeline();
  void note_geometry();
  [[nodiscard]] SourceOpener opener(const CameraConfig& camera) const;
  [[nodiscard]] bool is_replay(const CameraConfig& camera) const;
  ConfigLoad read_config() const;
  static Result<void> check_model_labels(const ConfigLoad& load, const Model& model);
  void complain(const std::vector<Diagnostic>& diagnostics) const;

  DaemonOptions options_;
  Log log_;
  Config config_;
  ModelCache models_;
  UniqueFd epoll_, timer_, signals_, frames_event_;
  std::optional<FileWatch> config_watch_;
  std::unique_ptr<TunerProcess> tuner_;
  std::optional<Choice> choice_;
  std::string choice_for_;  // tuned_thing()
  std::string failed_on_;   // the version of the model
  bool running_ = true;
  int exit_code_ = 0;

  EventRing events_;
  PipelineSlot slot_;
  PictureShelf shelf_;
  std::unique_ptr<Journal> journal_;
  std::uint64_t journal_troubles_ = 0;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<FrameLoop> frames_;
  std::thread frame_thread_;
  std::unique_ptr<GuardLink> guard_;
  LineHandles handles_;
  EdgeTracker edges_;

  FrameGeometry geometry_;  // that pipelines are built for
  bool has_pipeline_ = false;
  bool ready_ = false;  // systemd has been told
  bool reload_wanted_ = false;
  bool lost_clients_unused_ = false;  // once what was posted last has been taken
  CaptureState camera_state_ = CaptureState::opening;
  MonotonicTime started_, next_snapshot_, next_guard_attempt_, next_watchdog_, next_status_;
  Duration guard_retry_{};
  Duration watchdog_{};
  std::uint64_t last_heartbeat_ = 0;
  std::uint64_t events_lost_ = 0;
  std::vector<Duration> edge_ages_;  // capture to edge, of edges that a frame asked for
};

}  // namespace pinfer
