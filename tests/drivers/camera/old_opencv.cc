// SPDX-License-Identifier: Apache-2.0
// A plug-in that speaks an older version of the interface.
#include "drivers/camera/opencv/abi.h"

extern "C" const void* pinfer_opencv_plugin();
extern "C" const void* pinfer_opencv_plugin() {
  static constexpr pinfer::cv_abi::PluginTable kTable{.abi_version = 0};
  return &kTable;
}
