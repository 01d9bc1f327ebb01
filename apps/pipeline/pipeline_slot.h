// SPDX-License-Identifier: Apache-2.0
// PipelineSlot: where a reload or a model swap waits for the moment between two frames.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "apps/pipeline/mailbox.h"
#include "apps/pipeline/pipeline.h"

namespace pinfer {

class PipelineSlot final {
 public:
  PipelineSlot() = default;
  PipelineSlot(const PipelineSlot&) = delete;
  PipelineSlot& operator=(const PipelineSlot&) = delete;
  ~PipelineSlot() { delete current_; }  // when the frame thread has ended

  // Control thread: `next` takes over at the next frame. A pipeline that was posted before and has
  // not run yet is dropped.
  void post(std::unique_ptr<Pipeline> next) noexcept { mailbox_.post(std::move(next)); }

  // Control thread: destroys the pipeline that has been replaced. True when nothing is on its way:
  // what the replaced pipelines used can go now.
  bool collect() noexcept {
    mailbox_.collect();
    return mailbox_.settled();
  }

  // Frame thread: the pipeline of the next frame, or null while there is none. A new one goes on
  // where the old one was: see Pipeline::adopt_state_from().
  Pipeline* at_frame_boundary() noexcept {
    if (Pipeline* next = mailbox_.take(); next != nullptr) {
      if (current_ != nullptr) {
        next->adopt_state_from(*current_);
        mailbox_.give_back(current_);
      }
      current_ = next;
      swaps_.fetch_add(1, std::memory_order_release);
    }
    return current_;
  }

  // How many pipelines have been taken.
  [[nodiscard]] std::uint64_t swaps() const noexcept {
    return swaps_.load(std::memory_order_acquire);
  }

 private:
  Mailbox<Pipeline> mailbox_;
  Pipeline* current_ = nullptr;  // owned; only the frame thread looks
  std::atomic<std::uint64_t> swaps_{0};
};

}  // namespace pinfer
