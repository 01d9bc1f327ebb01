// SPDX-License-Identifier: Apache-2.0
// OutputSpec: everything that names one line and says how it is driven; a value without heap.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pinfer {

// Text of up to N bytes in place, padded with NULs, so that == compares texts.
template <std::size_t N>
class FixedText final {
 public:
  constexpr FixedText() = default;

  // False when `text` is longer than N or holds a NUL; the old text stays then.
  [[nodiscard]] constexpr bool assign(std::string_view text) noexcept {
    if (text.size() > N || text.find('\0') != std::string_view::npos) return false;
    bytes_.fill('\0');
    std::copy(text.begin(), text.end(), bytes_.begin());
    return true;
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept {
    const auto end = std::find(bytes_.begin(), bytes_.end(), '\0');
    return {bytes_.data(), static_cast<std::size_t>(end - bytes_.begin())};
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bytes_[0] == '\0'; }
  [[nodiscard]] static constexpr std::size_t capacity() noexcept { return N; }

  friend constexpr bool operator==(const FixedText&, const FixedText&) = default;

 private:
  std::array<char, N> bytes_{};
};

// What the chip connects to the line inside; as_is leaves it alone.
enum class Bias : std::uint8_t { as_is, disabled, pull_up, pull_down };

using OutputName = FixedText<31>;

// The two levels of a PWM line: how long in each period it is high, in ns. A period of 0: no PWM.
struct PwmShape {
  std::uint32_t period = 0;
  std::uint32_t inactive = 0;  // <= period
  std::uint32_t active = 0;    // <= period

  friend bool operator==(const PwmShape&, const PwmShape&) = default;
};

struct OutputSpec {
  OutputName name;           // from the configuration; letters, digits, '_', '-', '.'
  FixedText<15> driver;      // a name of outputs.inc: gpio, pwm, memory, log
  FixedText<127> chip;       // gpio: chip LABEL; pwm: device; memory: name or path; log: unused
  std::uint32_t offset = 0;  // line or PWM channel inside the chip
  bool active_low = false;   // active means a low voltage
  bool safe_active = false;  // the safe level, as a logical level; false = inactive
  Bias bias = Bias::as_is;
  PwmShape pwm;  // pwm only

  friend bool operator==(const OutputSpec&, const OutputSpec&) = default;

  // True when both name the same physical line. Lines without a chip are told apart by name.
  [[nodiscard]] bool same_line(const OutputSpec& other) const noexcept {
    if (driver != other.driver || chip != other.chip) return false;
    return chip.empty() ? name == other.name : offset == other.offset;
  }
};

}  // namespace pinfer
