/* SPDX-License-Identifier: Apache-2.0
 * classes.c: A64 instructions by class, a table of encodings (Arm ARM, chapter C4). */
#include "bench/arm-insns/classes.h"

#include <stddef.h>

const char* const class_names[CLASS_COUNT] = {
#define X(name) #name,
    CLASSES(X)
#undef X
};

struct encoding {
  uint32_t mask, value;
  enum insn_class class;
};

/* The first line that fits decides. */
static const struct encoding encodings[] = {
    /* system, then other branches */
    {0xff000000, 0xd5000000, CLASS_system},
    {0xff000000, 0xd4000000, CLASS_system},
    {0x1c000000, 0x14000000, CLASS_branch},
    /* data processing with general registers */
    {0x1c000000, 0x10000000, CLASS_integer},
    {0x1f000000, 0x1b000000, CLASS_imultiply},
    {0x0e000000, 0x0a000000, CLASS_integer},
    /* loads and stores: literals, pairs, structures, atomics, the rest; bit 26 is V, 22 is L */
    {0x3f000000, 0x18000000, CLASS_load},
    {0x3f000000, 0x1c000000, CLASS_vload},
    {0x3e400000, 0x28000000, CLASS_store},
    {0x3e400000, 0x28400000, CLASS_load},
    {0x3e400000, 0x2c000000, CLASS_vstore},
    {0x3e400000, 0x2c400000, CLASS_vload},
    {0x3e400000, 0x0c000000, CLASS_vstore},
    {0x3e400000, 0x0c400000, CLASS_vload},
    {0x3f400000, 0x08000000, CLASS_store},
    {0x3f400000, 0x08400000, CLASS_load},
    {0x3f200c00, 0x38200000, CLASS_store},
    {0x3ec00000, 0x38000000, CLASS_store},
    {0x3e400000, 0x3c000000, CLASS_vstore},
    {0x3e400000, 0x3c400000, CLASS_vload},
    {0x3a000000, 0x38000000, CLASS_load},
    {0x0a000000, 0x08000000, CLASS_load},
    /* scalar floating point: moves and conversions across the files, multiplies */
    {0x7f20fc00, 0x1e200000, CLASS_transfer},
    {0x7f200000, 0x1e000000, CLASS_transfer},
    {0xff20fc00, 0x1e200800, CLASS_fmla},
    {0xff20fc00, 0x1e208800, CLASS_fmla},
    {0xff000000, 0x1f000000, CLASS_fmla},
    /* vector, three of a kind: mla mls, mul, sq(r)dmulh, fmla fmls, fmul fmulx, fmlal */
    {0x9f20fc00, 0x0e209400, CLASS_multiply},
    {0x9f20fc00, 0x0e209c00, CLASS_multiply},
    {0x9f20fc00, 0x0e20b400, CLASS_multiply},
    {0x9f20fc00, 0x0e20cc00, CLASS_fmla},
    {0x9f20fc00, 0x0e20dc00, CLASS_fmla},
    {0xbf20fc00, 0x0e20ec00, CLASS_fmla},
    /* the same in half precision: fmla fmls, fmul fmulx */
    {0x9f60fc00, 0x0e400c00, CLASS_fmla},
    {0x9f60fc00, 0x0e401c00, CLASS_fmla},
    /* three of a kind, later additions: dot products, matrix products, sqrdmlah */
    {0x9f20f400, 0x0e009400, CLASS_dot},
    {0x9f20f400, 0x0e00a400, CLASS_dot},
    {0x9f20f400, 0x0e008400, CLASS_multiply},
    /* three different: smlal, sqdmlal, smull, pmull and theirs have opcodes from 8 */
    {0x9f208c00, 0x0e208000, CLASS_multiply},
    /* saddlp, sadalp */
    {0x9f3ffc00, 0x0e202800, CLASS_pairwise},
    {0x9f3ffc00, 0x0e206800, CLASS_pairwise},
    /* dup, ins, smov, umov with a general register */
    {0xbfe0cc00, 0x0e000c00, CLASS_transfer},
    /* by element: sdot and usdot; fmla fmul, fmls, fcmla, fmulx, fmlal; the others multiply
       integers */
    {0x9f00f400, 0x0f00e000, CLASS_dot},
    {0xbf00f400, 0x0f00f000, CLASS_dot},
    {0xbf007400, 0x0f001000, CLASS_fmla},
    {0xbf00f400, 0x0f005000, CLASS_fmla},
    {0xbf009400, 0x2f001000, CLASS_fmla},
    {0xbf00f400, 0x2f009000, CLASS_fmla},
    {0xbf00b400, 0x0f000000, CLASS_fmla},
    {0xbf00b400, 0x2f008000, CLASS_fmla},
    {0x9f000400, 0x0f000000, CLASS_multiply},
    {0x0e000000, 0x0e000000, CLASS_vector},
};

enum insn_class class_of(uint32_t word) {
  /* SIMD on scalars is the vector encoding with bits 30 and 28 set. */
  if ((word & 0xde000000u) == 0x5e000000u) word &= ~0x50000000u;
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; ++i)
    if ((word & encodings[i].mask) == encodings[i].value) return encodings[i].class;
  return CLASS_system; /* not allocated, or newer than the table (SVE) */
}
