#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the programs from their command lines: programs.sh BIN_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$1
# shellcheck source=../../tools/service.sh
. "$here/../../tools/service.sh"
photo=$here/../../examples/demo/photo.jpg
mask=$here/../../examples/demo/mask.png

step() { echo "== $*"; }
fails_with() {
  local expected=$1 status=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  [ $status -eq "$expected" ] || { echo "exit code $status, not $expected: $*" >&2; cat "$scratch/err" >&2; return 1; }
}

step "every program has --help and --version"
for program in inpaintd inpaint inpaint-gateway inpaint-load inpaint-setup inpaint-model lama-bench; do
  "$bin/$program" --help >"$scratch/help"  # a file, because grep -q would close a pipe early
  grep -q -- --version "$scratch/help"
  "$bin/$program" --version >"$scratch/version"
  grep -q '[0-9]\.[0-9]' "$scratch/version"
done

step "the error about an unknown setting names the nearest one, and printed settings are valid"
fails_with 2 "$bin/inpaintd" --check-config --set batch.size_mx=4
grep -q 'batch.size_max' "$scratch/err"
"$bin/inpaintd" --print-config --set batch.size_max=4 >"$scratch/config.toml"
"$bin/inpaintd" --check-config --config "$scratch/config.toml"

step "without a server, inpaint prints an error and ends with exit code 3"
fails_with 3 "$bin/inpaint" "$photo" "$mask" -o "$scratch/x.png" --server nats://127.0.0.1:1  # nothing listens there
[ -s "$scratch/err" ] && [ ! -e "$scratch/x.png" ]

start_service "$bin"

step "the service and --local give the same picture"
"$bin/inpaint" "$photo" "$mask" -o "$scratch/remote.png" --server "$url" --timeout 10min
"$bin/inpaint" "$photo" "$mask" -o "$scratch/local.png" --local
cmp "$scratch/remote.png" "$scratch/local.png"

step "--progress prints the batch of the request"
"$bin/inpaint" "$photo" "$mask" -o "$scratch/progress.webp" --server "$url" --timeout 10min --progress >"$scratch/out" 2>&1
grep -q 'running in a batch' "$scratch/out"

step "a folder is filled, a missing mask is reported, and a second run fills only the rest"
mkdir "$scratch/images" "$scratch/masks" "$scratch/results"
for name in one two three; do cp "$photo" "$scratch/images/$name.jpg"; done
for name in one two; do cp "$mask" "$scratch/masks/$name.png"; done
fails_with 1 "$bin/inpaint" --images "$scratch/images" --masks "$scratch/masks" -o "$scratch/results" --server "$url" --timeout 10min
grep -q three "$scratch/err" "$scratch/out"
[ "$(find "$scratch/results" -type f | wc -l)" -eq 2 ]
cp "$mask" "$scratch/masks/three.png"
"$bin/inpaint" --images "$scratch/images" --masks "$scratch/masks" -o "$scratch/results" --server "$url" --timeout 10min
[ "$(find "$scratch/results" -type f | wc -l)" -eq 3 ]

step "in closed and open loops of inpaint-load every request is answered"
for mode in "--concurrency 4" "--rate 20 --poisson --seed 1"; do
  # The exit code is 1 when requests were sent late, as may happen on a busy machine; only the report is checked.
  # shellcheck disable=SC2086
  "$bin/inpaint-load" $mode --duration 3 --warmup 0 --size 64 --timeout 10min --server "$url" --json "$scratch/load.json" >/dev/null || true
  python3 - "$scratch/load.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["sent"] > 0 and report["ok"] == report["sent"] and not report["errors"], report
missing = {"duration_s", "rate", "goodput", "latency_ms", "send_lag_ms", "batch_size", "stages_ms", "stable"} - report.keys()
assert not missing, missing
PYTHON
done

step "inpaint-load counts refused poison and cancels, and reports a timeline"
"$bin/inpaint-load" --concurrency 8 --requests 200 --warmup 0 --timeout 10min --size 64,96 --format raw --poison 0.1 --cancel 0.1 --verify 1 \
  --retries 3 --server "$url" --json "$scratch/load.json" >/dev/null || true
python3 - "$scratch/load.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
every = report["all"]
assert every["requests"] == every["answered"] == 200 and every["duplicate"] == every["wrong"] == 0, every
assert every["verified"] == report["ok"] > 100 and report["harmed"] == 0, report
assert report["poison"] and set(report["poison"]) <= {"unsupported_image", "size_mismatch"}, report["poison"]
assert report["timeline"]["intervals"], report
PYTHON

step "inpaint-load finds a peak, and ends with exit code 1 if no rate keeps the limit"
finds_peak() {  # repeated, because a busy machine may send no request on time
  "$bin/inpaint-load" --find-peak --slo-p99 60 --rate 1 --duration 0.5 --warmup 0 --size 32 --server "$url" --json - \
    >"$scratch/out" 2>&1 && grep -q '"peak": [0-9]' "$scratch/out"
}
eventually finds_peak
fails_with 1 "$bin/inpaint-load" --find-peak --slo-p99 1ms --rate 100 --duration 0.2 --warmup 0 --size 256 --server "$url"
grep -q 'no rate' "$scratch/out"

step "inpaint-load compares batches with single requests, in services of its own"
"$bin/inpaint-load" --compare serial --tasks 8 --rounds 1 --size 64 --set model.engine=null --set model.null_pace=20ms >"$scratch/out"
grep -q '^one at a time.* 1.00 .* 8 in 1s$' "$scratch/out"
grep -q '^batches of 8' "$scratch/out"
printf '40x32\n64x48\n' >"$scratch/sizes"
"$bin/inpaint-load" --compare serial --tasks 4 --rounds 1 --sizes "$scratch/sizes" --masks hole --set model.engine=null >"$scratch/out"
grep -Eq '^8, at 512x512( +[0-9.]+){4} ' "$scratch/out"
fails_with 1 "$bin/inpaint-load" --compare serial --set model.engine=null --set model.null_pace=soon
grep -q 'soon' "$scratch/err"

step "SIGTERM ends the service with exit code 0"
stop_service

step "Ctrl-C cancels the request of inpaint, with exit code 130"
touch "$scratch/held"
start_service "$bin" --set model.engine=null --set "model.null_faults=hold:@1:$scratch/held" --set device.warm_up=0ms --set device.watchdog=1h
"$bin/inpaint" "$photo" "$mask" -o "$scratch/first.png" --server "$url" --timeout 10min --progress 2>"$scratch/first" &
first_pid=$!
eventually grep -sq running "$scratch/first" || { cat "$scratch/first"; exit 1; }
"$bin/inpaint" "$photo" "$mask" -o "$scratch/never.png" --feather 3 --server "$url" --timeout 10min --progress \
  >"$scratch/out" 2>"$scratch/err" &
client_pid=$!
eventually grep -sq queued "$scratch/err"
kill -INT "$client_pid"
status=0
wait "$client_pid" || status=$?
[ "$status" -eq 130 ] && grep -q interrupted "$scratch/err" && [ ! -e "$scratch/never.png" ]
rm "$scratch/held"
wait "$first_pid" && [ -e "$scratch/first.png" ]

step "the private nats-server ends with the service"
stop_service
service_pid=
fails_with 3 "$bin/inpaint" "$photo" "$mask" -o "$scratch/x.png" --server "$url" --timeout 10min

step "inpaint-gateway --start-all starts everything that a picture over HTTP needs"
port=$(free_port)
"$bin/inpaint-gateway" --start-all --set model.engine=null --listen "127.0.0.1:$port" >"$scratch/gateway.log" 2>&1 &
service_pid=$!
gateway_ready_or_ended() { grep -q 'ready: open' "$scratch/gateway.log" || ! kill -0 "$service_pid" 2>/dev/null; }
eventually gateway_ready_or_ended
grep -q 'ready: open' "$scratch/gateway.log" || { cat "$scratch/gateway.log" >&2; exit 1; }
python3 - "http://127.0.0.1:$port/inpaint?wait=1" "$photo" "$mask" <<'PYTHON'
import base64, json, sys, urllib.request
image, mask = (base64.b64encode(open(name, "rb").read()).decode() for name in sys.argv[2:])
body = json.dumps({"image": "data:image/jpeg;base64," + image, "mask": mask, "format": "png"}).encode()
request = urllib.request.Request(sys.argv[1], body, {"Content-Type": "application/json"})
answer = urllib.request.urlopen(request)
assert answer.headers["Content-Type"] == "image/png" and answer.read(8) == b"\x89PNG\r\n\x1a\n", answer.headers
PYTHON
stop_service
service_pid=

step "inpaint-gateway prints an error about wrong options"
echo 'short name' >"$scratch/tokens"
fails_with 2 "$bin/inpaint-gateway" --bearer-tokens "$scratch/tokens"
grep -q 'line 1' "$scratch/err"
fails_with 1 "$bin/inpaint-gateway" --listen example.org:80 --server nats://127.0.0.1:1
grep -q 'cannot listen' "$scratch/err"
fails_with 2 "$bin/inpaint-gateway" --start-all --server nats://127.0.0.1:4222
grep -q 'leave out --start-all or --server' "$scratch/err"
NATS_URL=nats://127.0.0.1:4222 fails_with 2 "$bin/inpaint-gateway" --start-all
