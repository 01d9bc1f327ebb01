/* SPDX-License-Identifier: Apache-2.0
 * cache.h: a first-level data cache with least-recently-used replacement and lines of 64 bytes.
 *
 * Reads and writes allocate. No prefetcher: real cores miss less on streams. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cache {
  uint64_t* lines; /* [sets][ways], most recent first; 0: empty */
  uint32_t sets, ways;
  uint64_t accesses, misses;
};

/* "32768:2" is 32 KiB in 2 ways. False when the text is not of that form. */
bool cache_open(struct cache* cache, const char* text);

/* One access of `bytes` bytes, which may touch two lines. */
void cache_access(struct cache* cache, uint64_t address, unsigned bytes);
