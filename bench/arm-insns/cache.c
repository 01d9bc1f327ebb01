/* SPDX-License-Identifier: Apache-2.0
 * cache.c: the data cache of cache.h. */
#include "bench/arm-insns/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

bool cache_open(struct cache* cache, const char* text) {
  unsigned bytes = 0, ways = 0;
  if (sscanf(text, "%u:%u", &bytes, &ways) != 2 || ways == 0 || bytes < LINE * ways) return false;
  *cache = (struct cache){.sets = bytes / LINE / ways, .ways = ways};
  cache->lines = calloc((size_t)cache->sets * ways, sizeof *cache->lines);
  return cache->lines != NULL;
}

static void touch(struct cache* cache, uint64_t line) {
  uint64_t* set = cache->lines + (line % cache->sets) * cache->ways;
  uint32_t at = 0;
  ++cache->accesses;
  while (at < cache->ways && set[at] != line + 1) ++at;
  if (at == cache->ways) {
    ++cache->misses;
    --at;
  }
  memmove(set + 1, set, at * sizeof *set);
  set[0] = line + 1;
}

void cache_access(struct cache* cache, uint64_t address, unsigned bytes) {
  const uint64_t first = address / LINE, last = (address + bytes - 1) / LINE;
  touch(cache, first);
  if (last != first) touch(cache, last);
}
