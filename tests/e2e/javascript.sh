#!/usr/bin/env bash
# The JavaScript client, which knows only docs/protocol.md, against the programs: javascript.sh BIN_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../tools/service.sh"

cd "$here/client"
npm ci --no-audit --no-fund --loglevel=error
start_service "$1"
node client.mjs "$url"
node discovery.mjs "$url"
