# SPDX-License-Identifier: Apache-2.0
# 32-bit ARM boards: baseline armv7-a with vfpv3-d16 and no NEON, as Debian armhf.
set(CMAKE_SYSTEM_PROCESSOR arm)
set(PINFER_TRIPLE arm-linux-gnueabihf)
set(PINFER_QEMU qemu-arm)
set(PINFER_TARGET armhf)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
