#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets of tests/fuzz with clang, and runs each of them on generated inputs:
#   tools/fuzz.sh [SECONDS] [TARGET ...]      SECONDS (30) is the time for each target; without TARGET, all run
# Fails when an input crashes a target, violates one of its assertions, or exceeds the limits of time and memory. Such an
# input is kept in build/fuzz/findings, and the last lines show how to run it again. The corpus in build/fuzz/corpus is
# kept for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
shift || true
input_seconds_max=10
memory_mib_max=2048

cmake --preset fuzz
cmake --build --preset fuzz --target fuzz
findings=build/fuzz/findings
mkdir -p "$findings"

if [ $# -eq 0 ]; then
  for program in build/fuzz/bin/fuzz_*; do set -- "$@" "${program##*/fuzz_}"; done
fi
failed=()
for target in "$@"; do
  program=build/fuzz/bin/fuzz_$target
  corpus=build/fuzz/corpus/$target
  log=build/fuzz/$target.log
  mkdir -p "$corpus"
  "$program" --seeds "build/fuzz/seeds/$target"
  limits=("-timeout=$input_seconds_max" "-rss_limit_mb=$memory_mib_max" -max_len=4096)
  dictionary=tests/fuzz/$target.dict # the dictionary of the target, or of its family
  [ -f "$dictionary" ] || dictionary=tests/fuzz/${target%%_*}.dict
  [ -f "$dictionary" ] && limits+=("-dict=$dictionary")
  if "$program" "${limits[@]}" -max_total_time="$seconds" -artifact_prefix="$findings/$target-" \
    "$corpus" "build/fuzz/seeds/$target" >"$log" 2>&1; then
    printf 'fuzz: %-20s %s\n' "$target" "$(grep '^Done' "$log")"
  else
    failed+=("$target")
    tail -n 40 "$log"
    echo "fuzz: $target failed; see the log $log"
  fi
done

[ ${#failed[@]} -eq 0 ] && exit 0
for target in "${failed[@]}"; do
  for input in "$findings/$target"-*; do
    [ -f "$input" ] || continue
    echo "fuzz: run it again with: build/fuzz/bin/fuzz_$target $input"
    echo "fuzz: the input in Base64, for a test: $(base64 -w 0 "$input" | head -c 2000)"
  done
done
echo "fuzz: inputs failed; correct the code, add a test with the bytes of the input, then delete the finding" >&2
exit 1
