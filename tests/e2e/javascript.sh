#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the service with a JavaScript program that follows docs/protocol.md by itself, and the client in
# clients/javascript with the service: javascript.sh BIN_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if ! command -v npm >/dev/null; then
  echo "javascript: skipped, because npm is missing; tools/setup.sh installs it"
  exit 77
fi
# shellcheck source=../../tools/service.sh
. "$root/tools/service.sh"

mkdir "$scratch/client"  # a folder of its own for the files of npm
cp "$root"/tests/e2e/client/*.mjs "$root"/tests/e2e/client/*.json "$root"/tests/e2e/client/.npmrc \
  "$root/examples/javascript/inpaint.mjs" "$scratch/client"
cd "$scratch/client"
npm ci --no-audit --no-fund --loglevel=error
mkdir node_modules/inpaintd-client
cp "$root"/clients/javascript/*.* node_modules/inpaintd-client
node vectors.mjs "$root/docs/protocol-vectors.json"
start_service "$1"
node client.mjs "$url"
node discovery.mjs "$url"
node library.mjs "$url" "$root/examples"
node examples.mjs "$url" "$root/examples"

# A NATS server with JetStream, which the service does not start by itself.
stop_service
nats_port=$(free_port)
nats-server -a 127.0.0.1 -p "$nats_port" -js -sd "$scratch/store" >"$scratch/nats.log" 2>&1 &
nats_pid=$!
url=nats://127.0.0.1:$nats_port
"$1/inpaintd" --server "$url" --set http.listen= >"$scratch/inpaintd.log" 2>&1 &
service_pid=$!
eventually serves_or_ended
"$1/inpaint-setup" --server "$url"
node objects.mjs "$url" "$root/examples"
