#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page in a real browser, against the programs: browser.sh BIN_FOLDER. Screenshots go to out/page/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
npm ci --no-audit --no-fund --loglevel=error
cd "$here/../.."
INPAINTD_BIN=$1 node --test tests/page/page_test.mjs
