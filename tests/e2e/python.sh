#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the client in clients/python: its messages, its behaviour over NATS with a connection that is scripted (Debian 12
# has no nats-py), and its way over HTTP with a gateway and a service: python.sh BIN_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tests=$root/tests/clients/python
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import msgpack' 2>/dev/null; then python=$candidate; fi
done
if [ -z "$python" ]; then
  echo "python: skipped, because the package python3-msgpack is missing; tools/setup.sh installs it"
  exit 77
fi
# shellcheck source=../../tools/service.sh
. "$root/tools/service.sh"

"$python" "$tests/vectors_test.py"
"$python" "$tests/client_test.py"

gateway=http://127.0.0.1:$(free_port)
"$1/inpaint-gateway" --start-all --listen "${gateway#http://}" >"$scratch/inpaintd.log" 2>&1 &
service_pid=$!
gateway_ready_or_ended() { grep -q 'ready: open' "$scratch/inpaintd.log" || ! kill -0 "$service_pid" 2>/dev/null; }
eventually gateway_ready_or_ended
"$python" "$tests/http_test.py" "$gateway"
PYTHONPATH=$root/clients/python "$python" "$root/examples/python/inpaint.py" "$root/examples/demo/photo.jpg" \
  "$root/examples/demo/mask.png" "$scratch/result.jpg" "$gateway"
[ -s "$scratch/result.jpg" ]
