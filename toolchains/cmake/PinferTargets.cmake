# SPDX-License-Identifier: Apache-2.0
# The one place for compiler options, optional packages and .inc tables.

if(PINFER_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)

find_program(PINFER_CCACHE ccache)
if(PINFER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What ccache must know to keep objects that were made with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;CCACHE_PCH_EXTSUM=1;${PINFER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${PINFER_CCACHE}")
endif()

# Every target of the project links this: include root, warnings, sanitizers, exact floating point.
add_library(pinfer_options INTERFACE)
target_include_directories(pinfer_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(pinfer_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-psabi
  # GCC 12 finds overlaps in std::string that are not there (PR 105651)
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  # a*b+c must round twice on every machine, as the reference arithmetic does
  -ffp-contract=off
  -fstack-protector-strong)
if(PINFER_WERROR)
  target_compile_options(pinfer_options INTERFACE -Werror)
endif()
if(PINFER_SANITIZE)
  target_compile_options(pinfer_options INTERFACE
    -fsanitize=${PINFER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(pinfer_options INTERFACE -fsanitize=${PINFER_SANITIZE})
else()
  target_compile_options(pinfer_options INTERFACE
    $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
if(PINFER_FUZZ)
  # Every library reports what it covers; only the fuzz programs link libFuzzer's own main().
  target_compile_options(pinfer_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(pinfer_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(pinfer_options INTERFACE -Wl,-z,relro,-z,now)
target_link_libraries(pinfer_options INTERFACE Threads::Threads)
if(PINFER_STATIC)
  # The same definitions as with the shared library, so that a compiler cache serves both builds.
  add_library(pinfer_fmt STATIC "${PROJECT_SOURCE_DIR}/toolchains/cmake/fmt.cc")
  target_compile_definitions(pinfer_fmt PUBLIC FMT_SHARED)
  target_link_libraries(pinfer_options INTERFACE pinfer_fmt)
  target_compile_options(pinfer_options INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(pinfer_options INTERFACE -static -Wl,--gc-sections)
else()
  target_link_libraries(pinfer_options INTERFACE fmt::fmt)
endif()

# Headers that nearly every file reads take longer than the file itself: they are compiled once for
# the libraries and once for the tests. The files include what they need all the same.
option(PINFER_PCH "Precompile the headers that most files include" ON)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # both for ccache
  set(PINFER_PCH_OPTIONS -fpch-preprocess)
else()
  set(PINFER_PCH_OPTIONS "SHELL:-Xclang -fno-pch-timestamp")
endif()
function(pinfer_precompiled name kind)
  if(NOT PINFER_PCH)
    return()
  endif()
  set(source "${PROJECT_BINARY_DIR}/${name}.cc")
  if(NOT EXISTS "${source}")
    file(WRITE "${source}" "int main() {}\n")
  endif()
  if(kind STREQUAL "PROGRAMS")  # -fPIE, where libraries have -fPIC
    add_executable(${name} EXCLUDE_FROM_ALL "${source}")
  else()
    add_library(${name} STATIC EXCLUDE_FROM_ALL "${source}")
  endif()
  target_link_libraries(${name} PRIVATE pinfer_options)
  target_precompile_headers(${name} PRIVATE ${ARGN})
  target_compile_options(${name} PRIVATE ${PINFER_PCH_OPTIONS})
  if(CMAKE_CXX_COMPILER_LAUNCHER)
    set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER
      "${PROJECT_SOURCE_DIR}/toolchains/cmake/checksum-pch;${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
endfunction()
function(pinfer_use_precompiled target name)
  if(NOT PINFER_PCH)
    return()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${name})
  target_compile_options(${target} PRIVATE ${PINFER_PCH_OPTIONS})
endfunction()
set(PINFER_PCH_HEADERS <algorithm> <cstdint> <functional> <memory> <optional> <span> <string>
    <string_view> <vector> <fmt/format.h> "${PROJECT_SOURCE_DIR}/runtime/core/result.h")
pinfer_precompiled(pinfer_pch LIBRARIES ${PINFER_PCH_HEADERS})

# Code that is compiled more often than its time counts: tests, whose time is spent in the libraries,
# and what runs once for a command. A third less time to compile.
function(pinfer_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-Og>)
  if(PINFER_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees overflows in std::string that are not there (PR 105329), and a precompiled <string>
    # is no system header to it.
    target_compile_options(${target} PRIVATE
      -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()

# pinfer_compile_together(<target>): its files as one, which instantiates the templates that they share
# once: a third of the time, and less. Their unnamed namespaces are then one.
option(PINFER_TOGETHER "Compile the files of a test as one (clang-tidy needs OFF)" ON)
function(pinfer_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${PINFER_TOGETHER} UNITY_BUILD_BATCH_SIZE 0)
endfunction()

# pinfer_library(<name> SOURCES ... [DEPS ...] [NO_PCH] [HOT|COLD]): a static library with the
# project's options. HOT: its loops run over elements or pixels. COLD: none of its loops counts.
function(pinfer_library name)
  cmake_parse_arguments(ARG "NO_PCH;HOT;COLD" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC pinfer_options ${ARG_DEPS})
  if(NOT ARG_NO_PCH)
    pinfer_use_precompiled(${name} pinfer_pch)
  endif()
  if(ARG_COLD)
    pinfer_compile_quickly(${name})
  elseif(NOT ARG_HOT)  # CMake's own level for releases is -O3
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O2>)
  endif()
endfunction()

# Where programs of the build tree look for plug-ins: ../lib/pinfer of apps/<app>. Tests are told.
set(PINFER_PLUGIN_FOLDER "${PROJECT_BINARY_DIR}/apps/lib/pinfer")

# pinfer_plugin(<target> <name> <component> SOURCES ... INCLUDE folder LIBRARIES ...): libpinfer-<name>.so,
# which runtime/core/plugin_file.h loads, with headers and libraries that nothing else of Pinfer sees.
function(pinfer_plugin target name component)
  cmake_parse_arguments(ARG "" "INCLUDE" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME pinfer-${name}
    LIBRARY_OUTPUT_DIRECTORY "${PINFER_PLUGIN_FOLDER}"
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  # SYSTEM: their headers do not compile with our warnings.
  target_include_directories(${target} SYSTEM PRIVATE "${ARG_INCLUDE}")
  target_link_libraries(${target} PRIVATE pinfer_options ${ARG_LIBRARIES})
  target_link_options(${target} PRIVATE -Wl,--as-needed)
  if(NOT PINFER_SANITIZE AND NOT PINFER_FUZZ)  # their functions are in the program
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  pinfer_compile_quickly(${target})
  install(TARGETS ${target} LIBRARY DESTINATION lib/pinfer COMPONENT ${component}
    PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# Tests are linked more often than they are run: gold takes a fifth of the time.
include(CheckLinkerFlag)
if(NOT PINFER_SANITIZE AND NOT CMAKE_CROSSCOMPILING)
  check_linker_flag(CXX -fuse-ld=gold PINFER_HAVE_GOLD)
endif()

# pinfer_test(<name> SOURCES ... [DEPS ...] [LABELS ...] [TIMEOUT s] [APART]): a GoogleTest program, one
# ctest entry for the whole program. LABELS default to "unit". APART: its files use the same names.
function(pinfer_test name)
  cmake_parse_arguments(ARG "APART" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  pinfer_use_precompiled(${name} pinfer_test_pch)
  pinfer_compile_quickly(${name})
  list(LENGTH ARG_SOURCES files)
  if(files GREATER 1 AND NOT ARG_APART)
    pinfer_compile_together(${name})
  endif()
  if(PINFER_HAVE_GOLD)
    target_link_options(${name} PRIVATE -fuse-ld=gold)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "PINFER_PLUGINS=${PINFER_PLUGIN_FOLDER}")
  if(PINFER_SANITIZE STREQUAL "thread")
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan_suppressions")
  endif()
endfunction()

# pinfer_read_inc(<out> <file> <macro> <index>): the index-th argument (0-based) of each `macro(...)`
# line of an .inc table, without repeats.
function(pinfer_read_inc out file macro index)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(STRINGS "${file}" lines REGEX "^${macro}\\(")
  set(values)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^${macro}\\((.*)\\).*$" "\\1" arguments "${line}")
    string(REPLACE "," ";" arguments "${arguments}")
    list(GET arguments ${index} value)
    string(STRIP "${value}" value)
    list(APPEND values "${value}")
  endforeach()
  list(REMOVE_DUPLICATES values)
  set(${out} "${values}" PARENT_SCOPE)
endfunction()

# pinfer_optional(<FEATURE> <var> <pkg-config modules...>): imports PkgConfig::<FEATURE> as the cache
# variable PINFER_<FEATURE> (AUTO, ON, OFF) says, sets <var> and prints what was found.
function(pinfer_optional feature var)
  set(${var} OFF PARENT_SCOPE)
  if(PINFER_${feature} STREQUAL "OFF")
    message(STATUS "pinfer: ${feature} off by request")
    return()
  endif()
  pkg_check_modules(${feature} IMPORTED_TARGET GLOBAL ${ARGN})
  if(${feature}_FOUND)
    set(${var} ON PARENT_SCOPE)
    message(STATUS "pinfer: ${feature} ${${feature}_VERSION}")
  elseif(PINFER_${feature} STREQUAL "ON")
    message(FATAL_ERROR "pinfer: ${feature} asked for, but not found: ${ARGN}")
  else()
    message(STATUS "pinfer: ${feature} not found (${ARGN}): built without")
  endif()
endfunction()
