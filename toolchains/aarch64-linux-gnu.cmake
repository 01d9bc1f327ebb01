# SPDX-License-Identifier: Apache-2.0
# 64-bit ARM boards (Raspberry Pi 3 and newer, Jetson): baseline armv8-a, as Debian arm64.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(PINFER_TRIPLE aarch64-linux-gnu)
set(PINFER_QEMU qemu-aarch64)
set(PINFER_TARGET aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
