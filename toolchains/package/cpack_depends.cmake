# SPDX-License-Identifier: Apache-2.0
# Read by cpack: what the programs need, from the dpkg data of the sysroot or of this machine.
execute_process(COMMAND "${CPACK_PINFER_NEEDS}" --root "${CPACK_PINFER_NEEDS_ROOT}" --depends ${CPACK_PINFER_PROGRAMS}
  OUTPUT_VARIABLE needs OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "pinfer: the dependencies of the package are not known")
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${needs}, passwd, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
