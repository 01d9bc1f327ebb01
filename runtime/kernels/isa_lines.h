// SPDX-License-Identifier: Apache-2.0
// PINFER_ON_<isa>(line): the line where kernels of that ISA are compiled, nothing elsewhere. Only
// the table.cc of a family uses it, to expand the lines of its kernels.inc.
#pragma once

#define PINFER_ON_scalar(...) __VA_ARGS__

#if defined(PINFER_HAVE_NEON)
#define PINFER_ON_neon(...) __VA_ARGS__
#else
#define PINFER_ON_neon(...)
#endif

#if defined(PINFER_HAVE_NEONDOT)
#define PINFER_ON_neondot(...) __VA_ARGS__
#else
#define PINFER_ON_neondot(...)
#endif

#if defined(PINFER_HAVE_I8MM)
#define PINFER_ON_i8mm(...) __VA_ARGS__
#else
#define PINFER_ON_i8mm(...)
#endif

#if defined(PINFER_HAVE_AVX2)
#define PINFER_ON_avx2(...) __VA_ARGS__
#else
#define PINFER_ON_avx2(...)
#endif

#if defined(PINFER_HAVE_AVX512VNNI)
#define PINFER_ON_avx512vnni(...) __VA_ARGS__
#else
#define PINFER_ON_avx512vnni(...)
#endif
