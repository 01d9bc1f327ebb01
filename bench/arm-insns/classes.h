/* SPDX-License-Identifier: Apache-2.0
 * classes.h: which part of a core an A64 instruction keeps busy. */
#pragma once

#include <stdint.h>

#define CLASSES(X)                                                                    \
  X(dot)       /* sdot, udot, usdot, smmla */                                         \
  X(multiply)  /* integer vector multiplies: mul, mla, smull, smlal, sqrdmulh, ... */ \
  X(fmla)      /* floating point multiply and multiply-add */                         \
  X(pairwise)  /* saddlp, sadalp: the second half of a widening dot product */        \
  X(vector)    /* other vector and floating point arithmetic, shuffles */             \
  X(transfer)  /* between general and vector registers */                             \
  X(vload)     /* loads of vector registers */                                        \
  X(vstore)    /* stores of vector registers */                                       \
  X(load)      /* loads of general registers, prefetches */                           \
  X(store)     /* stores of general registers, exclusives */                          \
  X(integer)   /* general arithmetic */                                               \
  X(imultiply) /* general multiplies */                                               \
  X(branch)                                                                           \
  X(system) /* hints, barriers, system registers, svc */

enum insn_class {
#define X(name) CLASS_##name,
  CLASSES(X)
#undef X
      CLASS_COUNT
};

extern const char* const class_names[CLASS_COUNT];

enum insn_class class_of(uint32_t word);
