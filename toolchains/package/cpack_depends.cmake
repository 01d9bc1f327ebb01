# SPDX-License-Identifier: Apache-2.0
# Read by cpack: what the programs need, from the dpkg data of the sysroot or of this machine.

# The project's own sentence would stand above each package's description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")

function(pinfer_needs result)
  execute_process(COMMAND "${CPACK_PINFER_NEEDS}" --root "${CPACK_PINFER_NEEDS_ROOT}" --depends ${ARGN}
    OUTPUT_VARIABLE needs OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "pinfer: the dependencies of the package are not known")
  endif()
  set(${result} "${needs}" PARENT_SCOPE)
endfunction()

pinfer_needs(needs ${CPACK_PINFER_PROGRAMS})
set(CPACK_DEBIAN_PINFER_PACKAGE_DEPENDS
  "${needs}, passwd, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
if(CPACK_PINFER_ARMNN_PLUGIN)
  pinfer_needs(needs "${CPACK_PINFER_ARMNN_PLUGIN}")
  # The two halves are of one build.
  set(CPACK_DEBIAN_ARMNN_PACKAGE_DEPENDS "pinfer (= ${CPACK_PACKAGE_VERSION}), ${needs}")
  # "libarmnn22 (>= 20.08)": the devices carry the same number, and "t64" is the library's alone.
  string(REGEX MATCH "libarmnn([0-9]+)" library "${needs}")
  set(number "${CMAKE_MATCH_1}")
  set(devices "libarmnn-gpuacc-backend${number} | libarmnn-cpuref-backend${number}")
  if(CPACK_DEBIAN_PACKAGE_ARCHITECTURE STREQUAL "arm64")
    set(devices "libarmnn-cpuacc-backend${number} | ${devices}")
  endif()
  set(CPACK_DEBIAN_ARMNN_PACKAGE_RECOMMENDS "${devices}")
endif()
