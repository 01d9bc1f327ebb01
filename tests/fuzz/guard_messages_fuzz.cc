// SPDX-License-Identifier: Apache-2.0
// Any messages of two clients, any times: the guard answers or hangs up, and its lines obey the
// laws.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "apps/guard/guard.h"

namespace {

using namespace pinfer;

constexpr std::size_t kMaxMessages = 64;

// A line without a wire: the machine under the fuzzer must not be touched.
class NoOutput final : public Output {
 public:
  Status set(bool active) noexcept override {
    active_ = active;
    return Status::ok;
  }
  Status read(bool& active) noexcept override {
    active = active_;
    return Status::ok;
  }

 private:
  bool active_ = false;
};

// Pressed on each 16th look; cannot be read on each 17th.
class NoInput final : public Input {
 public:
  Status read(bool& active) noexcept override {
    ++looks_;
    active = looks_ % 16 == 0;
    return looks_ % 17 == 0 ? Status::backend_fault : Status::ok;
  }

 private:
  int looks_ = 0;
};

Result<std::unique_ptr<Output>> open_output(const OutputSpec& spec, const OutputContext&) {
  if (spec.offset == kMaxOffset) return fail(ErrorCode::not_found, "no such line");
  return std::make_unique<NoOutput>();
}

Result<std::unique_ptr<Input>> open_input(const OutputSpec& spec, const OutputContext&) {
  if (spec.offset == kMaxOffset) return fail(ErrorCode::not_found, "no such line");
  return std::make_unique<NoInput>();
}

// The newest handles, so that leases can name lines that exist.
struct Answers {
  std::vector<std::uint64_t> handles;
};

void keep(void* context, ClientId, std::span<const std::byte> bytes) noexcept {
  auto& answers = *static_cast<Answers*>(context);
  if (const auto reply = read_message<ReplyMessage>(bytes); reply && reply->count > 0)
    answers.handles.assign(reply->handles.begin(), reply->handles.begin() + reply->count);
  if (const auto report = read_message<LineReportMessage>(bytes); report && !from_wire(*report))
    std::abort();
}

void check(const Guard& guard) {
  for (const Line& line : guard.lines()) {
    if (!line.claimed() || !line.away()) continue;
    if (guard.estop().latched || line.stuck) std::abort();
    const bool held = line.cause == Cause::min_on;
    if (!line.leased && !line.overridden && !held) std::abort();
    for (const Line& other : guard.lines())
      if (&other != &line && other.claimed() && other.away() &&
          (other.spec.limits.interlocks & line.spec.limits.interlocks) != 0 &&
          other.configured_by == line.configured_by)
        std::abort();
  }
}

// One input is many messages: {type, client, ms that pass, how many bytes follow, bytes}. The bytes
// are laid over a correct message of that type, so that mutations reach behind the bounds.
template <class Message>
std::vector<std::byte> laid_over(std::span<const std::uint8_t> bytes) {
  Message message;
  std::vector<std::byte> result(sizeof(message));
  std::memcpy(result.data(), &message, sizeof(message));
  const std::size_t room = sizeof(message) - sizeof(MessageHeader);
  const std::size_t size = std::min(bytes.size(), room);
  if (size > 0) std::memcpy(result.data() + sizeof(MessageHeader), bytes.data(), size);
  return result;
}

std::vector<std::byte> make_message(std::uint8_t type, std::span<const std::uint8_t> bytes,
                                    const Answers& answers) {
  std::vector<std::byte> message;
  switch (type % 6) {
    case 0:
      return laid_over<ConfigureMessage>(bytes);
    case 1:
      message = laid_over<LeaseMessage>(bytes);
      break;
    case 2:
      message = laid_over<ReleaseMessage>(bytes);
      break;
    case 3:
      return laid_over<QueryMessage>(bytes);
    case 4:
      return laid_over<CommandMessage>(bytes);
    default:
      message.resize(bytes.size());
      if (!bytes.empty()) std::memcpy(message.data(), bytes.data(), bytes.size());
      return message;
  }
  // Most random handles name nothing.
  if (!answers.handles.empty() && (type & 0x80) == 0)
    std::memcpy(message.data() + sizeof(MessageHeader),
                &answers.handles[static_cast<std::size_t>(type) % answers.handles.size()],
                sizeof(std::uint64_t));
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Answers answers;
  const auto guard = std::make_unique<Guard>(OutputContext{}, ReplySink{&answers, keep}, 1,
                                             GuardDrivers{open_output, open_input});
  MonotonicTime now{std::chrono::milliseconds(1000)};
  std::span<const std::uint8_t> rest(data, size);
  for (std::size_t count = 0; rest.size() >= 5 && count < kMaxMessages; ++count) {
    const std::uint8_t type = rest[0];
    const ClientId client = rest[1] % 2;
    now = now + std::chrono::milliseconds(rest[2]);
    const std::size_t length =
        std::min<std::size_t>(rest.size() - 5, static_cast<std::size_t>(rest[3] | rest[4] << 8));
    const auto message = make_message(type, rest.subspan(5, length), answers);
    rest = rest.subspan(5 + length);
    guard->on_time(now);
    check(*guard);
    if (!guard->on_message(client, message, now)) guard->on_client_gone(client, now);
    check(*guard);
    if (const auto next = guard->next_deadline(); next && *next < now) std::abort();
  }
  guard->stop(now);
  if (!guard->all_safe()) std::abort();
  static_cast<void>(guard->saved_table());
  return 0;
}
