// SPDX-License-Identifier: Apache-2.0
// Mutations that keep the length of a file, for formats whose offsets break when bytes move.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace pinfer::fuzz {

// Three of four times one to four numbers change in place: a bit, a byte, or an aligned 16- or
// 32-bit number that becomes small, extreme or a neighbour. Else libFuzzer does as it likes.
inline std::size_t mutate_in_place(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                   unsigned seed) {
  std::minstd_rand random(seed);
  if (size < 16 || random() % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  constexpr std::array<std::int32_t, 14> kNumbers = {0,
                                                     1,
                                                     -1,
                                                     2,
                                                     3,
                                                     7,
                                                     127,
                                                     128,
                                                     255,
                                                     256,
                                                     65535,
                                                     65536,
                                                     std::numeric_limits<std::int32_t>::max(),
                                                     std::numeric_limits<std::int32_t>::min()};
  for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
    const std::size_t at = random() % size;
    const std::size_t word = at / 4 * 4;
    std::int32_t number = 0;
    if (word + 4 <= size) std::memcpy(&number, data + word, 4);
    switch (random() % 5) {
      case 0:
        data[at] = static_cast<std::uint8_t>(data[at] ^ (1u << (random() % 8)));
        continue;
      case 1:
        data[at] = static_cast<std::uint8_t>(random());
        continue;
      case 2:
        number = kNumbers[random() % kNumbers.size()];
        break;
      case 3:
        number = static_cast<std::int32_t>(static_cast<std::uint32_t>(number) + random() % 17 - 8);
        break;
      default:
        number = static_cast<std::int32_t>(random() % 64);
        break;
    }
    if (word + 4 <= size) std::memcpy(data + word, &number, 4);
  }
  return size;
}

}  // namespace pinfer::fuzz
