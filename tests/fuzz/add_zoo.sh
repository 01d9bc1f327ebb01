#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# add_zoo.sh ZOO [MAX_BYTES]: copies small models of a local collection into the corpora of the
# fuzzers below build/fuzz. They stay on this machine: their licences differ.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
zoo=${1:?usage: add_zoo.sh ZOO [MAX_BYTES]}
max=${2:-65536}
for corpus in build/fuzz/corpus/fuzz_read_tflite build/fuzz/corpus/fuzz_load_and_run; do
  mkdir -p "$corpus"
  find "$zoo" -type f \( -name '*.tflite' -o -name '*.bin' \) -size "-$((max / 1024 + 1))k" -print0 |
    while IFS= read -r -d '' file; do
      cp "$file" "$corpus/zoo-$(sha256sum "$file" | cut -c1-16)"
    done
  echo "$corpus: $(find "$corpus" -type f | wc -l) files"
done
