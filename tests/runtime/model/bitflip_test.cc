// SPDX-License-Identifier: Apache-2.0
// Damaged real models: every truncation and 65,536 single flipped bits of each, loaded and, where
// that works, run once. No crash, no case over a second of processor time, no memory beyond the
// budgets. The short form takes a sample; PINFER_LONG=1 takes all (ten minutes with ASan).
#include <gtest/gtest.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

#include "runtime/session/session.h"
#include "tests/support/heap_peak.h"
#include "tests/support/zoo.h"

#if defined(PINFER_SANITIZER_ADDRESS)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace pinfer {
namespace {

constexpr std::size_t kFlips = 65536;
constexpr std::size_t kShortFlips = 4096, kShortTruncations = 1024;
constexpr double kMaxSeconds = 1.0;
constexpr Budgets kBudgets{
    .file_bytes = 1 << 20, .arena_bytes = 64 << 20, .constant_bytes = 64 << 20, .macs = 50'000'000};
// Graph, steps and reports of a small model.
constexpr std::size_t kBookkeeping = 16 << 20;

// Text of the running case, printed when a sanitizer ends the process.
char current_case[256];

[[maybe_unused]] void name_case() { std::fprintf(stderr, "\nfailing case: %s\n", current_case); }

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A case that hangs ends the process with SIGPROF instead of the whole test's time limit.
void arm_timer(long seconds) {
  const itimerval limit{{0, 0}, {seconds, 0}};
  ::setitimer(ITIMER_PROF, &limit, nullptr);
}

struct Tally {
  int cases = 0, loaded = 0, ran = 0;
  double slowest = 0;
  std::size_t most_memory = 0;
};

void fill_inputs(Session& session) {
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    const Tensor input = session.input(i);
    for (std::size_t k = 0; k < input.bytes(); ++k) input.data[k] = static_cast<std::byte>(k * 37);
  }
}

void try_case(std::span<const std::byte> bytes, Tally& tally) {
  arm_timer(10);
  const double start = cpu_seconds();
  const test::HeapPeak heap;
  ++tally.cases;
  if (auto model = load_model(bytes, "case", {.budgets = kBudgets})) {
    ++tally.loaded;
    if (auto session = Session::create(*std::move(model), {})) {
      fill_inputs(*session);
      if (session->run() == Status::ok) ++tally.ran;
    }
  }
  const double seconds = cpu_seconds() - start;
  tally.slowest = std::max(tally.slowest, seconds);
  tally.most_memory = std::max(tally.most_memory, heap.live_bytes());
  EXPECT_LT(seconds, kMaxSeconds) << current_case;
  EXPECT_LE(heap.live_bytes(), kBudgets.arena_bytes + kBudgets.constant_bytes + kBookkeeping)
      << current_case;
  EXPECT_LE(heap.largest(), kBudgets.arena_bytes + kBookkeeping) << current_case;
}

bool is_long() {
  const char* value = std::getenv("PINFER_LONG");
  return value != nullptr && *value == '1';
}

std::vector<std::byte> read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

class DamagedModel : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto files = test::zoo_files("zoo", GetParam());
    if (files.empty()) GTEST_SKIP() << "no " << GetParam() << " below " << test::zoo_folder();
    path_ = files.front();
    bytes_ = read_all(path_);
    ASSERT_GT(bytes_.size() * 8, kFlips) << path_;
#if defined(PINFER_SANITIZER_ADDRESS)
    __sanitizer_set_death_callback(name_case);
#endif
    Tally whole;
    std::snprintf(current_case, sizeof(current_case), "%s whole", GetParam());
    try_case(bytes_, whole);
    ASSERT_EQ(whole.ran, 1) << path_ << " does not run undamaged";
  }
  void TearDown() override {
    arm_timer(0);
    if (tally_.cases == 0) return;
    std::cout << GetParam() << ": " << tally_.cases << " cases, " << tally_.loaded << " load, "
              << tally_.ran << " run; slowest " << tally_.slowest << " s, most memory "
              << tally_.most_memory << " bytes\n";
  }

  std::string path_;
  std::vector<std::byte> bytes_;
  Tally tally_;
};

TEST_P(DamagedModel, CutAnywhereIsRefusedOrRuns) {
  const std::size_t count = is_long() ? bytes_.size() : kShortTruncations;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t length = i * bytes_.size() / count;
    std::snprintf(current_case, sizeof(current_case), "%s cut to %zu bytes", GetParam(), length);
    // A copy of its own size: a read behind the end is a read outside the heap block.
    const std::vector<std::byte> cut(bytes_.begin(),
                                     bytes_.begin() + static_cast<std::ptrdiff_t>(length));
    try_case(cut, tally_);
  }
}

TEST_P(DamagedModel, WithOneBitFlippedIsRefusedOrRuns) {
  const std::size_t bits = bytes_.size() * 8;
  const std::size_t count = is_long() ? kFlips : kShortFlips;
  for (std::size_t i = 0; i < count; ++i) {
    // Spread evenly; the odd remainder walks through the eight bits of a byte.
    const std::size_t bit = i * bits / count;
    const std::byte mask = std::byte{1} << (bit % 8);
    std::snprintf(current_case, sizeof(current_case), "%s bit %zu", GetParam(), bit);
    bytes_[bit / 8] ^= mask;
    try_case(bytes_, tally_);
    bytes_[bit / 8] ^= mask;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, DamagedModel,
                         ::testing::Values("/models/micro_speech_quantized.tflite",
                                           "/mnist_resnet_q.tflite", "/v2/vad.tflite"));

}  // namespace
}  // namespace pinfer
