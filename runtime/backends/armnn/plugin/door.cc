// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: the table of abi.h. No exception passes it.
#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

#include "runtime/backends/armnn/plugin/loaded_net.h"

namespace pinfer::nn {
namespace {

void say(Sentence* sentence, const std::string& text) noexcept {
  const std::size_t count = std::min(text.size(), sizeof sentence->text - 1);
  std::memcpy(sentence->text, text.data(), count);
  sentence->text[count] = '\0';
}

// Arm NN ends its messages with the file and line of its own source.
std::string without_place(std::string text) {
  const std::size_t at = text.find(" at function ");
  return at == std::string::npos ? text : text.substr(0, at);
}

bool devices(Sentence* answer) noexcept {
  try {
    std::string text;
    for (const std::string& name : Machine::shared()->devices())
      text += (text.empty() ? "" : " ") + name;
    say(answer, text.empty() ? "no device" : text);
    return true;
  } catch (const std::exception& error) {
    say(answer, without_place(error.what()));
  } catch (...) {
    say(answer, "an exception that says nothing");
  }
  return false;
}

LoadOutcome load(const Net* net, const NetOptions* options, LoadedNet** loaded,
                 Sentence* why) noexcept {
  try {
    *loaded = new LoadedNet(*net, *options);
    return LoadOutcome::loaded;
  } catch (const Refusal& refusal) {
    say(why, without_place(refusal.what()));
    return LoadOutcome::refused;
  } catch (const Unavailable& unavailable) {
    say(why, unavailable.what());
    return LoadOutcome::unavailable;
  } catch (const std::exception& error) {
    say(why, without_place(error.what()));
  } catch (...) {
    say(why, "an exception that says nothing");
  }
  return LoadOutcome::failed;
}

bool run(LoadedNet* net) noexcept {
  try {
    return net->run();
  } catch (...) {
    return false;
  }
}

void unload(LoadedNet* net) noexcept { delete net; }
bool shares_memory(const LoadedNet* net) noexcept { return net->shares_memory(); }

constexpr PluginTable kTable{.abi_version = kAbiVersion,
                             .arm_nn_version = ARMNN_VERSION,
                             .devices = devices,
                             .load = load,
                             .run = run,
                             .unload = unload,
                             .shares_memory = shares_memory};

}  // namespace
}  // namespace pinfer::nn

extern "C" __attribute__((visibility("default"))) const void* pinfer_armnn_plugin();
extern "C" const void* pinfer_armnn_plugin() { return &pinfer::nn::kTable; }
