# SPDX-License-Identifier: Apache-2.0
# What both cross toolchain files share: Debian's compiler, the unpacked sysroot, qemu-user for tests.
# The compiler's own default is the baseline of the architecture: no -march here, ever; one kernel
# file that needs more gets its flags in runtime/kernels.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER "${PINFER_TRIPLE}-gcc")
set(CMAKE_CXX_COMPILER "${PINFER_TRIPLE}-g++")

# PINFER_SUITE: the boards' release, where it is not that of this machine.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PINFER_SUITE)
set(PINFER_SYSROOT_NAME "${PINFER_TARGET}")
if(PINFER_SUITE)
  string(APPEND PINFER_SYSROOT_NAME "-${PINFER_SUITE}")
endif()
get_filename_component(PINFER_SYSROOT
  "${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/${PINFER_SYSROOT_NAME}" ABSOLUTE)
if(NOT EXISTS "${PINFER_SYSROOT}/.packages")
  message(FATAL_ERROR "no ${PINFER_SYSROOT}: run toolchains/sysroot ${PINFER_SYSROOT_NAME}")
endif()
set(CMAKE_SYSROOT "${PINFER_SYSROOT}")
set(CMAKE_LIBRARY_ARCHITECTURE "${PINFER_TRIPLE}")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)  # flatc, ccache and python run on the host
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_LIBDIR}
  "${PINFER_SYSROOT}/usr/lib/${PINFER_TRIPLE}/pkgconfig:${PINFER_SYSROOT}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${PINFER_SYSROOT}")

set(CMAKE_CROSSCOMPILING_EMULATOR "${PINFER_QEMU};-L;${PINFER_SYSROOT}")
# The compiler would link its own C and C++ libraries, which the other libraries of a newer release find too old.
if(PINFER_SUITE)
  set(own_libraries "-L${PINFER_SYSROOT}/usr/lib/${PINFER_TRIPLE} -L${PINFER_SYSROOT}/usr/lib/gcc/${PINFER_TRIPLE}/12")
  foreach(kind IN ITEMS EXE SHARED MODULE)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "${own_libraries}")
  endforeach()
endif()
# Another release has another FlatBuffers: what flatc writes must fit the headers of its own release.
if(EXISTS "${PINFER_SYSROOT}/usr/bin/flatc")
  set(PINFER_FLATC "${CMAKE_CROSSCOMPILING_EMULATOR};${PINFER_SYSROOT}/usr/bin/flatc")
endif()
