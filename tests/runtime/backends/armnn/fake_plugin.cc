// SPDX-License-Identifier: Apache-2.0
// A plug-in that misbehaves as the environment variable PINFER_FAKE_PLUGIN says: "version" speaks
// another version, "nothing" has no table, "refuses" and "fails" load nothing, "broken" loads and
// then fails to run. Any other word: a plug-in that does nothing, well.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "runtime/backends/armnn/abi.h"

namespace pinfer::nn {
class LoadedNet {};

namespace {

// For programs whose other threads run, where setenv() would race: pinfer_fake_plugin() below.
std::atomic<const char*> set_word{nullptr};

bool asked_for(const char* word) {
  const char* now = set_word;
  if (now == nullptr) now = std::getenv("PINFER_FAKE_PLUGIN");
  return now != nullptr && std::strcmp(now, word) == 0;
}

void say(Sentence* sentence, const char* text) {
  std::strncpy(sentence->text, text, sizeof sentence->text - 1);
}

bool devices(Sentence* answer) noexcept {
  say(answer, "Nobody");
  return true;
}

LoadOutcome load(const Net*, const NetOptions*, LoadedNet** loaded, Sentence* why) noexcept {
  if (asked_for("refuses")) {
    say(why, "operator 7 CONV_2D: not today");
    return LoadOutcome::refused;
  }
  if (asked_for("fails")) {
    std::memset(why->text, 'x', sizeof why->text);  // without an end
    return LoadOutcome::failed;
  }
  *loaded = new (std::nothrow) LoadedNet;
  return *loaded != nullptr ? LoadOutcome::loaded : LoadOutcome::failed;
}

bool run(LoadedNet*) noexcept { return !asked_for("broken"); }
void unload(LoadedNet* net) noexcept { delete net; }
bool shares_memory(const LoadedNet*) noexcept { return true; }

constexpr PluginTable kTable{kAbiVersion, "0.0.0", devices, load, run, unload, shares_memory};
constexpr PluginTable kOther{kAbiVersion + 1, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

}  // namespace
}  // namespace pinfer::nn

extern "C" const void* pinfer_armnn_plugin();
extern "C" const void* pinfer_armnn_plugin() {
  if (pinfer::nn::asked_for("nothing")) return nullptr;
  return pinfer::nn::asked_for("version") ? &pinfer::nn::kOther : &pinfer::nn::kTable;
}

// Instead of PINFER_FAKE_PLUGIN; null: that counts again.
extern "C" void pinfer_fake_plugin(const char* word);
extern "C" void pinfer_fake_plugin(const char* word) { pinfer::nn::set_word = word; }
