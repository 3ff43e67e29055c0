#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs all tests again and again: on a busy machine, on one core, and with the instruction sets that LibTorch, oneDNN and
# OpenBLAS can be held to. No test's verdict may depend on any of these. At the end it prints what failed, and how often.
#   tools/test_repeated.sh [-n ROUNDS] [-l HOGS] [-b BUILD_FOLDER] [-- CTEST_ARGUMENTS, such as -R models]
# ROUNDS (1): of every way to run; HOGS (4): processes that keep the cores busy beside the tests, 0 for none.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=1 hogs=4 build=build/release
while getopts n:l:b: option; do
  case $option in
    n) rounds=$OPTARG ;;
    l) hogs=$OPTARG ;;
    b) build=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

one_core=$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')
# A name, and what stands before ctest. The CPU engine's own instruction sets need none: its tests run every one. Asking
# for more than the CPU has does no harm: the libraries take what there is. oneDNN is left as it is on CPUs with AVX-512:
# LibTorch asks the CPU, not oneDNN, whether it can compute in bf16, and fails where oneDNN is held to less.
onednn() {
  grep -q avx512bw /proc/cpuinfo || echo "DNNL_MAX_CPU_ISA=$1 ONEDNN_MAX_CPU_ISA=$1"
}
ways=(
  "as it is:env"
  "one core:taskset -c $one_core"
  "least:env ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem $(onednn SSE41)"
  "AVX:env ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Sandybridge $(onednn AVX)"
  "AVX2, Intel:env ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell $(onednn AVX2)"
  "AVX2, AMD:env ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Zen $(onednn AVX2)"
)
logs=$(mktemp -d)
hog_pid=
clean_up() {
  [ -z "$hog_pid" ] || kill "$hog_pid" 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM
if [ "$hogs" -gt 0 ]; then
  stress-ng --quiet --cpu "$hogs" &
  hog_pid=$!
fi

# The titles of the test cases that failed, out of what ctest prints of the programs that did.
failed_cases() {
  awk '/^TEST CASE:/ { title = substr($0, 13) }
       /: (FATAL )?ERROR: / { if (!(title in seen)) print "  " title; seen[title] }
       /^FAILED  / { print "  " substr($0, 9) }' "$1"
}

runs=0 failures=0
for round in $(seq "$rounds"); do
  for way in "${ways[@]}"; do
    name=${way%%:*} log=$logs/$((++runs))
    # shellcheck disable=SC2086
    if ${way#*:} ctest --test-dir "$build" -j2 --output-on-failure "$@" >"$log" 2>&1; then
      echo "round $round, $name: passed"
      continue
    fi
    failures=$((failures + 1))
    echo "round $round, $name: FAILED, $log"
    { sed -n 's/^[\t ]*[0-9]* - \(.*\)$/\1/p' "$log"; failed_cases "$log"; } | tee -a "$logs/failed" | sed 's/^/    /'
  done
done

echo "$failures of $runs runs failed"
if [ $failures -gt 0 ]; then
  sort "$logs/failed" | uniq -c | sort -rn
  exit 1
fi
rm -rf "$logs"
