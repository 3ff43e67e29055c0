#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that compilers do not make; with a build folder, the tests run afterwards. All stages run, even after a stage
# with findings. The exit status is 1 when there was any finding.
#
#   tools/check.sh [BUILD_FOLDER]        all stages; with a build folder also its tests, and a list of the slowest five
#   tools/check.sh --stage NAME          one stage: format includes types shell python markdown licences
#   tools/check.sh --tidy [FILE...]      clang-tidy-19 on these files; without FILE, on the files that differ from the
#                                        commit BASE (default origin/main); with "all", on every file. It needs a
#                                        build folder that CMake has configured (build/*/).
set -euo pipefail
cd "$(dirname "$0")/.."

tracked() { git ls-files -- "$@"; }

# need COMMAND PACKAGE: fails with the package to install when the command is missing.
need() {
  command -v "$1" >/dev/null && return 0
  echo "  the command $1 is missing; run tools/setup.sh, or install the package $2" >&2
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

stage_types() {
  local files
  mapfile -t files < <(tracked '*.h' '*.cpp')
  python3 tools/check_types.py "${files[@]}"
}

stage_shell() {
  local files
  need shellcheck shellcheck || return 1
  mapfile -t files < <(tracked '*.sh' .ci/run)
  shellcheck "${files[@]}"
}

# Debian 12 has no package of ruff. pyflakes finds unknown and unused names, and needs no configuration.
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

# Prints the standard input, and fails unless it is empty.
findings() {
  local found
  found=$(cat)
  [ -z "$found" ] || { echo "$found"; return 1; }
}

# Prints a build folder whose compile_commands.json has the file, or nothing.
database_of() {
  local folder
  for folder in build/*/; do
    grep -qsF "\"$PWD/$1\"" "$folder/compile_commands.json" && { echo "$folder"; return 0; }
  done
  return 0
}

# Lists the sources that differ from BASE. Headers are checked with the sources that include them.
changed_sources() {
  local base=${BASE:-origin/main}
  git rev-parse -q --verify "$base^{commit}" >/dev/null ||
    { echo "tidy: the commit $base does not exist; name another one with BASE=COMMIT" >&2; return 1; }
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
    [ -n "$folder" ] || { echo "tidy: $file is skipped, because no build folder compiles it"; continue; }
    echo "tidy: $file"
    # clang does not know the precompiled headers and some options of GCC.
    clang-tidy-19 --quiet -p "$folder" --extra-arg=-Wno-unknown-warning-option --extra-arg=-Qunused-arguments \
      --extra-arg=-Wno-ignored-optimization-argument "$file" 2> >(grep -v 'warnings generated' >&2) || status=1
  done
  return $status
}

# Runs as many tests at a time as there are cores, but at least two.
run_tests() {
  local build=$1 jobs status=0
  jobs=$(nproc)
  ctest --test-dir "$build" -j "$((jobs > 2 ? jobs : 2))" --output-on-failure --output-junit tests.xml || status=$?
  [ ! -e "$build/tests.xml" ] || python3 tools/slowest_tests.py "$build/tests.xml"
  return $status
}

all_stages=(format includes types shell python markdown licences)
build=
case ${1:-} in
  --tidy)
    shift
    tidy "$@"
    exit
    ;;
  --stage)
    declare -F "stage_${2:-}" >/dev/null || { echo "check: the stage ${2:-} does not exist; choose one of ${all_stages[*]}" >&2; exit 2; }
    all_stages=("$2")
    ;;
  -*)
    echo "check: the option $1 is unknown; the first lines of $0 list the options" >&2
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
