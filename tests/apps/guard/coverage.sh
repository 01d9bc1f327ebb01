#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Branch coverage of the guard's logic by its unit tests; fails below 100 %. `./dev soak guard` runs it.
# Needs clang-14 and llvm-14. Builds in build/coverage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

logic=(limits on_times lease_table settle configure_plan messages guard guard_configure guard_estop)
tests=(lease_table_test limits_test limits_property_test guard_test)
build=build/coverage

for tool in clang++-14 llvm-cov-14 llvm-profdata-14; do
  command -v "$tool" >/dev/null || { echo "coverage: no $tool; install clang-14 and llvm-14" >&2; exit 1; }
done
mkdir -p "$build"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++-14 \
  -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_FLAGS="-O0 -fprofile-instr-generate -fcoverage-mapping" \
  -DPINFER_OPENCV=OFF >"$build/configure.log" 2>&1 || { cat "$build/configure.log"; exit 1; }
cmake --build "$build" --target "${tests[@]}" -j "${PINFER_JOBS:-$(nproc)}" -- --quiet

objects=()
rm -f "$build"/*.profraw
for test in "${tests[@]}"; do
  LLVM_PROFILE_FILE="$PWD/$build/$test.profraw" PINFER_SEQUENCES=300 \
    "$build/tests/apps/guard/$test" --gtest_brief=1
  objects+=(-object "$build/tests/apps/guard/$test")
done
llvm-profdata-14 merge -o "$build/guard.profdata" "$build"/*.profraw
sources=("${logic[@]/#/apps/guard/}")
sources=("${sources[@]/%/.cc}")
llvm-cov-14 report "${objects[@]}" -instr-profile="$build/guard.profdata" "${sources[@]}" |
  sed "s|$PWD/||" | awk '{print $1, $(NF-2), $(NF-1), $NF}' | column -t
missed=$(llvm-cov-14 show "${objects[@]}" -instr-profile="$build/guard.profdata" \
  -show-branches=count "${sources[@]}" | grep -E 'Branch \(|^/|^apps' |
  grep -E 'True: 0[],]|False: 0[],]|^/|^apps' | grep -B1 'Branch' || true)
if [[ -n $missed ]]; then
  printf 'branches that no test takes:\n%s\n' "$missed"
  exit 1
fi
echo "every branch of ${#logic[@]} files is taken"
