// SPDX-License-Identifier: Apache-2.0
// Mailbox<T>: hands one object at a time to another thread, and the one it replaces back.
#pragma once

#include <atomic>
#include <memory>

namespace pinfer {

// The poster makes and destroys, the taker only uses: the taker never allocates, frees or waits.
template <class T>
class Mailbox final {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    delete incoming_.load();
    delete outgoing_.load();
  }

  // Poster. Returns what it had posted before, if the taker has not taken that.
  std::unique_ptr<T> post(std::unique_ptr<T> next) noexcept {
    return std::unique_ptr<T>(incoming_.exchange(next.release(), std::memory_order_acq_rel));
  }
  // Poster. What the taker has given back, or nothing.
  std::unique_ptr<T> collect() noexcept {
    return std::unique_ptr<T>(outgoing_.exchange(nullptr, std::memory_order_acq_rel));
  }
  // Poster. True when the taker has taken what was posted and nothing waits to be collected.
  [[nodiscard]] bool settled() const noexcept {
    return incoming_.load(std::memory_order_acquire) == nullptr &&
           outgoing_.load(std::memory_order_acquire) == nullptr;
  }

  // Taker. What was posted, or null. Null also while the object given back last has not been
  // collected: there is only one place for it.
  T* take() noexcept {
    if (outgoing_.load(std::memory_order_acquire) != nullptr) return nullptr;
    return incoming_.exchange(nullptr, std::memory_order_acq_rel);
  }
  // Taker, after a successful take(): hands the old object over.
  void give_back(T* old) noexcept { outgoing_.store(old, std::memory_order_release); }

 private:
  std::atomic<T*> incoming_{nullptr};
  std::atomic<T*> outgoing_{nullptr};
};

}  // namespace pinfer
