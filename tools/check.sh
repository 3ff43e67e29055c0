#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks what compilers do not, and then runs the tests if a build folder is named. Every stage runs, also after one that
# has findings; the exit status is 1 if there was any finding.
#
#   tools/check.sh [BUILD_FOLDER]        all stages; with a build folder also its tests, and the slowest five of them
#   tools/check.sh --stage NAME          one stage: format includes shell python markdown licences
#   tools/check.sh --tidy [FILE...]      clang-tidy-19 on these files; without any, on the files that differ from
#                                        origin/main, or from the commit that BASE names; --tidy all takes every file.
#                                        It needs a build folder that CMake has configured (build/*/).
set -euo pipefail
cd "$(dirname "$0")/.."

tracked() { git ls-files -- "$@"; }

# need COMMAND PACKAGE: says what to install where the command is missing.
need() {
  command -v "$1" >/dev/null && return 0
  echo "  $1 is missing; run tools/setup.sh, or install the package $2" >&2
  return 1
}

stage_format() {
  local files
  need clang-format-19 clang-format-19 || return 1
  mapfile -t files < <(tracked '*.h' '*.cpp' '*.cu' '*.cuh')
  clang-format-19 --dry-run -Werror "${files[@]}" 2>&1 | sed -n 's/^\([^:]*\):.*error:.*/\1/p' | sort | uniq -c |
    sed 's/^/  /; s/$/: format with clang-format-19 -i/' | findings
}

stage_includes() {
  local files
  mapfile -t files < <(tracked '*.h' '*.cpp' '*.cu' '*.cuh')
  python3 tools/check_includes.py "${files[@]}"
}

stage_shell() {
  local files
  need shellcheck shellcheck || return 1
  mapfile -t files < <(tracked '*.sh' .ci/run)
  shellcheck "${files[@]}"
}

# Debian 12 has no ruff; pyflakes finds what matters of it (names that are unknown or unused) and needs no configuration.
stage_python() {
  local files
  need pyflakes3 pyflakes3 || return 1
  mapfile -t files < <(tracked '*.py')
  pyflakes3 "${files[@]}"
}

stage_markdown() {
  local files
  mapfile -t files < <(tracked '*.md')
  python3 tools/check_markdown.py "${files[@]}"
}

stage_licences() {
  local files
  mapfile -t files < <(tracked)
  python3 tools/check_licences.py "${files[@]}"
}

# Passes its input on, and fails if there is any.
findings() {
  local found
  found=$(cat)
  [ -z "$found" ] || { echo "$found"; return 1; }
}

# A build folder whose compile_commands.json knows the file, or nothing.
database_of() {
  local folder
  for folder in build/*/; do
    grep -qsF "\"$PWD/$1\"" "$folder/compile_commands.json" && { echo "$folder"; return 0; }
  done
  return 0
}

# The sources among the files that differ from BASE. A header is examined with the sources that include it.
changed_sources() {
  local base=${BASE:-origin/main}
  git rev-parse -q --verify "$base^{commit}" >/dev/null ||
    { echo "tidy: there is no commit $base; name one by BASE=COMMIT" >&2; return 1; }
  git diff --name-only --diff-filter=d "$base" -- '*.cpp'
}

tidy() {
  local file folder list status=0 files=()
  need clang-tidy-19 clang-tidy-19 || return 1
  if [ $# -eq 0 ]; then
    list=$(changed_sources) || return 1
  elif [ "$*" = all ]; then
    list=$(tracked '*.cpp')
  else
    list=$(printf '%s\n' "$@")
  fi
  mapfile -t files < <(printf '%s' "$list" | sed '/^$/d')
  for file in "${files[@]}"; do
    folder=$(database_of "$file")
    [ -n "$folder" ] || { echo "tidy: no build folder compiles $file; skipped"; continue; }
    echo "tidy: $file"
    # Precompiled headers and a few options of GCC are unknown to clang.
    clang-tidy-19 --quiet -p "$folder" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Qunused-arguments \
      --extra-arg=-Wno-ignored-optimization-argument "$file" 2> >(grep -v 'warnings generated' >&2) || status=1
  done
  return $status
}

# Two tests at a time, or as many as there are cores if there are more.
run_tests() {
  local build=$1 jobs status=0
  jobs=$(nproc)
  ctest --test-dir "$build" -j "$((jobs > 2 ? jobs : 2))" --output-on-failure --output-junit tests.xml || status=$?
  [ ! -e "$build/tests.xml" ] || python3 tools/slowest_tests.py "$build/tests.xml"
  return $status
}

all_stages=(format includes shell python markdown licences)
build=
case ${1:-} in
  --tidy)
    shift
    tidy "$@"
    exit
    ;;
  --stage)
    declare -F "stage_${2:-}" >/dev/null || { echo "check: the stages are ${all_stages[*]}" >&2; exit 2; }
    all_stages=("$2")
    ;;
  -*)
    echo "check: $1 is unknown; the first lines of $0 say what there is" >&2
    exit 2
    ;;
  *) build=${1:-} ;;
esac

failed=()
for stage in "${all_stages[@]}"; do
  echo "check: $stage"
  "stage_$stage" || failed+=("$stage")
done
if [ -n "$build" ]; then
  echo "check: tests"
  run_tests "$build" || failed+=(tests)
fi
[ ${#failed[@]} -eq 0 ] || { echo "check: failed: ${failed[*]}" >&2; exit 1; }
