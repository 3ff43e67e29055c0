#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes which lines and branches of the sources the tests run: a summary to the terminal, pages for a browser to
# build/coverage/report/index.html. It builds and runs everything without optimisation, which takes about an hour on two
# cores: CI does not run it.
#   tools/coverage.sh [ctest arguments, such as -R core]
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh --coverage
cmake --preset coverage
cmake --build --preset coverage
find build/coverage -name '*.gcda' -delete # counts of an earlier run
status=0
ctest --preset coverage "$@" || status=$?

report=build/coverage/report
mkdir -p "$report"
gcovr --root . --object-directory build/coverage --exclude tests/ --exclude-throw-branches --sort-percentage \
  --html-details "$report/index.html" --xml "$report/coverage.xml" --print-summary build/coverage
echo "coverage: $report/index.html"
exit $status
