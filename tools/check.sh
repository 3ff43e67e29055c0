#!/usr/bin/env bash
# Checks what compilers do not: format, include directions, what the tree must not contain. Then the tests, if there is
# a build folder: tools/check.sh [build folder]
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-}
failed=0

sources=$(git ls-files '*.h' '*.cpp' '*.cu' '*.cuh')

echo "check: format"
# shellcheck disable=SC2086
if ! clang-format-14 --dry-run -Werror $sources 2>/tmp/format.$$; then
  grep -h 'error:' /tmp/format.$$ | cut -d: -f1 | sort | uniq -c | sed 's/^/  /'
  echo "  mend with: clang-format-14 -i FILE"
  failed=1
fi
rm -f /tmp/format.$$

echo "check: include directions"
python3 tools/check_includes.py $sources || failed=1

echo "check: licence lines"
for file in $sources; do
  head -1 "$file" | grep -q '^// SPDX-License-Identifier: Apache-2.0$' || { echo "  $file has none"; failed=1; }
done

[ $failed -eq 0 ] || { echo "check: failed" >&2; exit 1; }
if [ -n "$build" ]; then
  ctest --test-dir "$build" --output-on-failure
fi
