#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Branch coverage of the guard's logic by its unit tests; fails below 100 %. `./dev test` runs it.
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
  ((${#objects[@]})) && objects+=(-object)
  objects+=("$build/tests/apps/guard/$test")
done
llvm-profdata-14 merge -o "$build/guard.profdata" "$build"/*.profraw
llvm-cov-14 export "${objects[@]}" -instr-profile="$build/guard.profdata" 2>/dev/null | python3 -c '
import json, sys
names = {"apps/guard/%s.cc" % name for name in sys.argv[1:]}
total = missed = 0
for file in json.load(sys.stdin)["data"][0]["files"]:
    name = next((n for n in names if file["filename"].endswith("/" + n)), None)
    if name is None:
        continue
    source = open(name).read().split("\n")
    for line, column, _, _, true, false, *_ in file["branches"]:
        for word, count in (("true", true), ("false", false)):
            total += 1
            if count == 0:
                missed += 1
                print("%s:%d:%d: never %s: %s" % (name, line, column, word, source[line - 1].strip()))
print("%d of %d branches are taken" % (total - missed, total))
sys.exit(missed != 0)' "${logic[@]}"
