#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures which lines and branches of the sources the tests run. Prints a summary, and writes HTML pages to
# build/coverage/report/index.html. The build without optimisation and the tests take about an hour on two cores, so CI
# does not run this script.
#   tools/coverage.sh [ctest arguments, such as -R core]
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh --coverage
cmake --preset coverage
cmake --build --preset coverage
find build/coverage -name '*.gcda' -delete # counts of earlier runs
status=0
ctest --preset coverage "$@" || status=$?

report=build/coverage/report
mkdir -p "$report"
gcovr --root . --object-directory build/coverage --exclude tests/ --exclude-throw-branches --sort-percentage \
  --html-details "$report/index.html" --xml "$report/coverage.xml" --print-summary build/coverage
echo "coverage: $report/index.html"
exit $status
