#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs all tests under several conditions: on a busy machine, on one core, and with several instruction sets of LibTorch,
# oneDNN and OpenBLAS. No result of a test may depend on these. At the end, the script prints the failures and their counts.
#   tools/test_repeated.sh [-n ROUNDS] [-l HOGS] [-b BUILD_FOLDER] [-- CTEST_ARGUMENT...]
# ROUNDS (1) is the number of runs under each condition. HOGS (4) is the number of processes that load the cores during
# the tests; 0 for none. CTEST_ARGUMENT selects tests, such as -R models.
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
# Each condition is a name and a prefix of the ctest command. The tests of the CPU engine run all of its instruction sets,
# so they need no condition. An instruction set that the CPU lacks is harmless: the libraries use a smaller one. oneDNN is
# not limited on CPUs with AVX-512: LibTorch asks the CPU, not oneDNN, for bf16 support, and fails when oneDNN is limited.
onednn() {
  grep -q avx512bw /proc/cpuinfo || echo "DNNL_MAX_CPU_ISA=$1 ONEDNN_MAX_CPU_ISA=$1"
}
conditions=(
  "default:env"
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

# Prints the titles of the failed test cases in the output of ctest.
failed_cases() {
  awk '/^TEST CASE:/ { title = substr($0, 13) }
       /: (FATAL )?ERROR: / { if (!(title in seen)) print "  " title; seen[title] }
       /^FAILED  / { print "  " substr($0, 9) }' "$1"
}

runs=0 failures=0
for round in $(seq "$rounds"); do
  for condition in "${conditions[@]}"; do
    name=${condition%%:*} log=$logs/$((++runs))
    # shellcheck disable=SC2086
    if ${condition#*:} ctest --test-dir "$build" -j2 --output-on-failure "$@" >"$log" 2>&1; then
      echo "round $round, $name: passed"
      continue
    fi
    failures=$((failures + 1))
    echo "round $round, $name: FAILED; see $log"
    { sed -n 's/^[\t ]*[0-9]* - \(.*\)$/\1/p' "$log"; failed_cases "$log"; } | tee -a "$logs/failed" | sed 's/^/    /'
  done
done

echo "$failures of $runs runs failed"
if [ $failures -gt 0 ]; then
  sort "$logs/failed" | uniq -c | sort -rn
  exit 1
fi
rm -rf "$logs"
