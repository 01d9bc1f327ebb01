/* SPDX-License-Identifier: Apache-2.0
 * insns.c: a qemu-user plugin that counts the AArch64 instructions a program executes.
 *
 * - The unit is the block: instructions that always run together. Each has one counter, which the
 *   translated code increases itself; classes and functions are sums over blocks, made at the end.
 * - `hint #80+R` (R = 0..15) enters region R. A block ends at such a mark, so regions are exact.
 * - Written at exit: `region R CLASS COUNT` lines and `function COUNT NAME` lines of one region;
 *   with blocks=FILE also the executed blocks of that region for a cycle model:
 *   `block COUNT ADDRESS NAME WORD...`, words in hexadecimal; with cache=BYTES:WAYS also
 *   `cache ACCESSES MISSES` of that region in a first-level data cache.
 * - with calls=1, `call INSTRUCTIONS MISSES` lines of that region: between one system call and the
 *   next. A program that reads the clock around each step counts its steps so.
 *
 * Arguments: hot=N (functions to list), region=R (of functions, blocks, cache, calls),
 * blocks=FILE, cache=, calls=.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/arm-insns/cache.h"
#include "bench/arm-insns/classes.h"
#include "bench/arm-insns/qemu_api.h"

#define EXPORT __attribute__((visibility("default")))
#define REGIONS 16
#define BUCKETS (1u << 16)

struct block {
  struct block* next; /* in its bucket */
  uint64_t address;
  uint64_t count;   /* the translated code adds to it */
  uint64_t entered; /* count when the present region began */
  uint64_t in_region[REGIONS];
  const char* function; /* symbol, or "?" */
  uint32_t length;      /* instructions */
  uint32_t words[];
};

static struct block* buckets[BUCKETS];
static unsigned region;
static unsigned threads;
static struct cache cache;
static struct {
  unsigned hot, region, calls;
  const char* blocks;
} options = {.hot = 0, .region = 2, .calls = 0, .blocks = NULL};

static void* allocate(size_t bytes) {
  void* memory = calloc(1, bytes);
  if (memory == NULL) abort();
  return memory;
}

/* The mark that an instruction is, or -1. HINT #imm7 has imm7 in bits 11:5. */
static int mark_of(uint32_t word) {
  const uint32_t immediate = (word >> 5) & 127;
  const bool hint = (word & 0xfffff01fu) == 0xd503201fu;
  return hint && immediate >= 80 && immediate < 80 + REGIONS ? (int)immediate - 80 : -1;
}

/* The same code translated again, as after a flush, goes on with its counter. */
static struct block* block_of(uint64_t address, const uint32_t* words, uint32_t length,
                              const char* function) {
  struct block** bucket = &buckets[(address >> 2) * 2654435761u % BUCKETS];
  for (struct block* block = *bucket; block != NULL; block = block->next)
    if (block->address == address && block->length == length &&
        memcmp(block->words, words, length * sizeof *words) == 0)
      return block;
  struct block* block = allocate(sizeof *block + length * sizeof *words);
  block->next = *bucket;
  block->address = address;
  block->function = function != NULL ? strdup(function) : "?";
  block->length = length;
  memcpy(block->words, words, length * sizeof *words);
  *bucket = block;
  return block;
}

static void enter(unsigned to) {
  for (unsigned i = 0; i < BUCKETS; ++i)
    for (struct block* block = buckets[i]; block != NULL; block = block->next) {
      block->in_region[region] += block->count - block->entered;
      block->entered = block->count;
    }
  region = to;
}

static void on_mark(unsigned vcpu, void* to) {
  (void)vcpu;
  enter((unsigned)(uintptr_t)to);
}

static void say(const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  qemu_plugin_outs(line);
}

static void on_call(unsigned vcpu, void* nothing) {
  (void)vcpu, (void)nothing;
  static uint64_t instructions, misses; /* so far */
  const uint64_t before = instructions, missed = misses;
  misses = cache.misses;
  instructions = 0;
  for (unsigned i = 0; i < BUCKETS; ++i)
    for (struct block* block = buckets[i]; block != NULL; block = block->next)
      instructions += block->count * block->length;
  if (region == options.region)
    say("call %" PRIu64 " %" PRIu64 "\n", instructions - before, misses - missed);
}

static void on_thread(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id, (void)vcpu;
  ++threads;
}

static void on_access(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t address, void* nothing) {
  (void)vcpu, (void)nothing;
  const struct cache before = cache;
  cache_access(&cache, address, 1u << qemu_plugin_mem_size_shift(info));
  if (region == options.region) return;
  cache.accesses = before.accesses; /* other regions warm it, but are not counted */
  cache.misses = before.misses;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  uint32_t words[count];
  for (size_t i = 0; i < count; ++i)
    memcpy(&words[i], qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)), sizeof words[i]);
  for (size_t i = 0; cache.lines != NULL && i < count; ++i)
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_access,
                                     QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
  for (size_t begin = 0, end = 0; begin < count; begin = end) {
    while (end < count && mark_of(words[end]) < 0) ++end;
    const bool marked = end < count;
    end += marked; /* the mark itself counts for the region that it ends */
    struct qemu_plugin_insn* first = qemu_plugin_tb_get_insn(tb, begin);
    struct block* block = block_of(qemu_plugin_insn_vaddr(first), words + begin,
                                   (uint32_t)(end - begin), qemu_plugin_insn_symbol(first));
    qemu_plugin_register_vcpu_insn_exec_inline(first, QEMU_PLUGIN_INLINE_ADD_U64, &block->count, 1);
    for (size_t i = begin; options.calls != 0 && i < end; ++i)
      if ((words[i] & 0xffe0001fu) == 0xd4000001u) /* svc */
        qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, i), on_call,
                                               QEMU_PLUGIN_CB_NO_REGS, NULL);
    if (marked)
      qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, end - 1), on_mark,
                                             QEMU_PLUGIN_CB_NO_REGS,
                                             (void*)(uintptr_t)mark_of(words[end - 1]));
  }
}

static void report_regions(struct block** blocks, size_t count) {
  static uint64_t sums[REGIONS][CLASS_COUNT];
  for (size_t b = 0; b < count; ++b)
    for (uint32_t i = 0; i < blocks[b]->length; ++i) {
      const enum insn_class kind = class_of(blocks[b]->words[i]);
      for (unsigned r = 0; r < REGIONS; ++r) sums[r][kind] += blocks[b]->in_region[r];
    }
  for (unsigned r = 0; r < REGIONS; ++r)
    for (unsigned kind = 0; kind < CLASS_COUNT; ++kind)
      if (sums[r][kind] != 0)
        say("region %u %s %" PRIu64 "\n", r, class_names[kind], sums[r][kind]);
}

static int by_function(const void* a, const void* b) {
  return strcmp((*(struct block* const*)a)->function, (*(struct block* const*)b)->function);
}

struct total {
  const char* function;
  uint64_t instructions;
};

static int by_instructions(const void* a, const void* b) {
  const uint64_t x = ((const struct total*)a)->instructions;
  const uint64_t y = ((const struct total*)b)->instructions;
  return x < y ? 1 : x > y ? -1 : 0;
}

static void report_functions(struct block** blocks, size_t count) {
  struct total* totals = allocate((count + 1) * sizeof *totals);
  size_t found = 0;
  qsort(blocks, count, sizeof *blocks, by_function);
  for (size_t b = 0; b < count; ++b) {
    if (b == 0 || strcmp(blocks[b]->function, blocks[b - 1]->function) != 0)
      totals[found++] = (struct total){.function = blocks[b]->function, .instructions = 0};
    totals[found - 1].instructions += blocks[b]->in_region[options.region] * blocks[b]->length;
  }
  qsort(totals, found, sizeof *totals, by_instructions);
  for (size_t i = 0; i < found && i < options.hot && totals[i].instructions != 0; ++i)
    say("function %" PRIu64 " %s\n", totals[i].instructions, totals[i].function);
}

static void write_blocks(struct block** blocks, size_t count) {
  FILE* file = fopen(options.blocks, "w");
  if (file == NULL) {
    say("error cannot write %s\n", options.blocks);
    return;
  }
  for (size_t b = 0; b < count; ++b) {
    const struct block* block = blocks[b];
    if (block->in_region[options.region] == 0) continue;
    fprintf(file, "block %" PRIu64 " %" PRIx64 " %s", block->in_region[options.region],
            block->address, block->function);
    for (uint32_t i = 0; i < block->length; ++i) fprintf(file, " %08x", block->words[i]);
    fputc('\n', file);
  }
  fclose(file);
}

static void on_exit_of_program(qemu_plugin_id_t id, void* nothing) {
  (void)id, (void)nothing;
  enter(region);
  size_t count = 0;
  for (unsigned i = 0; i < BUCKETS; ++i)
    for (const struct block* block = buckets[i]; block != NULL; block = block->next) ++count;
  struct block** blocks = allocate((count + 1) * sizeof *blocks);
  count = 0;
  for (unsigned i = 0; i < BUCKETS; ++i)
    for (struct block* block = buckets[i]; block != NULL; block = block->next)
      blocks[count++] = block;
  /* Threads add to the counters without locks. */
  if (threads > 1) say("warning %u threads ran: counts are a little low\n", threads);
  report_regions(blocks, count);
  report_functions(blocks, count);
  if (cache.lines != NULL) say("cache %" PRIu64 " %" PRIu64 "\n", cache.accesses, cache.misses);
  if (options.blocks != NULL) write_blocks(blocks, count);
}

EXPORT int qemu_plugin_version = 1;

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc,
                               char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "hot=", 4) == 0) options.hot = (unsigned)atoi(argv[i] + 4);
    if (strncmp(argv[i], "region=", 7) == 0) options.region = (unsigned)atoi(argv[i] + 7) % REGIONS;
    if (strncmp(argv[i], "calls=", 6) == 0) options.calls = (unsigned)atoi(argv[i] + 6);
    if (strncmp(argv[i], "blocks=", 7) == 0) options.blocks = strdup(argv[i] + 7);
    if (strncmp(argv[i], "cache=", 6) == 0 && !cache_open(&cache, argv[i] + 6)) return 1;
  }
  qemu_plugin_register_vcpu_init_cb(id, on_thread);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, on_exit_of_program, NULL);
  return 0;
}
