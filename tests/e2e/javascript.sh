#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the programs with JavaScript clients that follow docs/protocol.md: javascript.sh BIN_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../tools/service.sh
. "$here/../../tools/service.sh"

mkdir "$scratch/client"  # a folder of its own for the files of npm
examples=$here/../../examples
cp "$here"/client/*.mjs "$here"/client/*.json "$here"/client/.npmrc "$examples/javascript/inpaint.mjs" "$scratch/client"
cd "$scratch/client"
npm ci --no-audit --no-fund --loglevel=error
start_service "$1"
node client.mjs "$url"
node discovery.mjs "$url"
node examples.mjs "$url" "$examples"
