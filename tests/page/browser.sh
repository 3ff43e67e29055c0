#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page in a real browser, against the programs: browser.sh BIN_FOLDER. Screenshots go to out/page/. Without a
# browser the tests are skipped (exit status 77), but in CI that is a failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$CHROMIUM" ]; then
  echo "page: the tests in a browser do not run, because $CHROMIUM is missing; run tools/setup.sh, or name a Chromium" \
    "with the variable CHROMIUM" >&2
  exit "$([ -n "${CI:-}" ] && echo 1 || echo 77)"
fi
cd "$here"
npm ci --no-audit --no-fund --loglevel=error
cd "$here/../.."
INPAINTD_BIN=$1 node --test --test-concurrency=1 tests/page/*_test.mjs
