#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the cost of the service beside its engine, and its behaviour under faults, as Markdown for docs/performance.md.
# Run it on an idle machine:
#   tools/bench/service.sh [SECTION...]      default: saturated poisson added null memory faults
# Environment variables: BIN (build/release/bin) is the folder of the programs, ROUNDS (3) the number of alternating
# measurements, SECONDS_EACH (10) the duration of each, OVERLOAD_SECONDS (60) the duration of the overload.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BIN:-build/release/bin}
rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-10}
overload_seconds=${OVERLOAD_SECONDS:-60}
. tools/service.sh
. tools/bench/parts.sh

# Measures the service and the engine in turn. The engine runs batches of the same size without pauses.
section_saturated() {
  echo "### Saturated: service / engine"
  echo
  echo "256x256 raw, patch replies, batches of 8, 32 requests in flight; service and engine in turn, medians of $rounds rounds."
  echo
  echo "| engine | engine alone, images/s | service, answers/s | service / engine | cores: service, generator, nats-server |"
  echo "|---|---|---|---|---|"
  saturated_row "default model, CPU" "model.devices=cpu" "measured_engine"
  saturated_row "null engine: 160 ms per batch of 8" "model.engine=null model.null_pace=160ms" "echo 50"
  saturated_row "null engine: 40 ms per batch of 8" "model.engine=null model.null_pace=40ms" "echo 200"
  echo
}

saturated_row() {
  local name=$1 settings=$2 engine=$3
  start_set "$settings" batch.size_max=8
  for _ in $(seq "$rounds"); do
    $engine >>"$scratch/engine"
    cpu_begin
    load --size 256 --format raw --region patch --masks box --concurrency 32 --duration "$seconds" --warmup 3
    field rate >>"$scratch/service"
    cpu_end >"$scratch/cores"
  done
  local alone service
  alone=$(median "$scratch/engine") service=$(median "$scratch/service")
  echo "| $name | $alone | $service | $(ratio "$service" "$alone") | $(cat "$scratch/cores") |"
  rm "$scratch/engine" "$scratch/service"
  stop_set
}

measured_engine() {
  "$bin/lama-bench" --engine native --size 256 --batch 8 --repeat 5 --json "$scratch/engine.json" >/dev/null
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["rows"][0]["images_per_s"])' "$scratch/engine.json"
}

# Compares the highest Poisson rate that keeps p99 within the time of ten batches with the closed loop.
section_poisson() {
  echo "### Poisson arrivals at the limit / saturated"
  echo
  echo "256x256 raw, patch replies; null engine with 40 ms per batch of 8 (200/s); p99 within 400 ms."
  echo
  start_set "model.engine=null model.null_pace=40ms" batch.size_max=8
  load --size 256 --format raw --region patch --masks box --concurrency 32 --duration "$seconds"
  local saturated peak
  saturated=$(field rate)
  "$bin/inpaint-load" --server "$url" --size 256 --format raw --region patch --masks box --find-peak --poisson \
    --slo-p99 400ms --rate "$(python3 -c "print($saturated / 2)")" --duration "$seconds" --json "$scratch/load.json" \
    >/dev/null 2>"$scratch/trials" || true
  peak=$(field peak)
  echo "| saturated, answers/s | highest rate within the limit, requests/s | ratio |"
  echo "|---|---|---|"
  echo "| $saturated | $peak | $(ratio "$peak" "$saturated") |"
  echo
  sed 's/^/    /' "$scratch/trials"
  echo
  stop_set
}

section_added() {
  echo "### Added latency, one request at a time"
  echo
  echo "Medians in milliseconds. Added is the latency from the publish call to the callback of the client, without the engine."
  echo
  echo "| engine, picture | latency | engine (\`infer\`) | added | decode | queue | encode |"
  echo "|---|---|---|---|---|---|---|"
  start_set "model.engine=null"
  added_row "null, 256x256 raw, patch" --size 256 --format raw --region patch --masks box
  added_row "null, 512x512 raw, patch" --size 512 --format raw --region patch --masks box
  added_row "null, 512x512 raw, whole picture" --size 512 --format raw --masks box
  added_row "null, 512x512 JPEG, whole picture" --size 512 --format jpeg --masks box
  stop_set
  start_set "model.devices=cpu"
  added_row "default model, 256x256 raw, patch" --size 256 --format raw --region patch --masks box
  added_row "default model, 512x512 raw, whole picture" --size 512 --format raw --masks box
  stop_set
  echo
}

added_row() {
  local name=$1
  shift
  load "$@" --concurrency 1 --duration "$seconds" --warmup 1
  python3 - "$name" "$scratch/load.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[2]))
stage = {name: times["p50"] for name, times in report["stages_ms"].items()}
total = report["latency_ms"]["p50"]
print(f"| {sys.argv[1]} | {total:.2f} | {stage['infer']:.2f} | {total - stage['infer']:.2f} | {stage['decode']:.2f} "
      f"| {stage['queue']:.2f} | {stage['encode']:.2f} |")
PYTHON
}

# Sends the same requests to the null engine and to nats-echo, in turn.
section_null() {
  echo "### Null engine / bare responder"
  echo
  echo "Requests of 512x512 raw (819 KB), patch replies (mean 111 KB), 16 in flight, in turn; medians of $rounds rounds. The bare"
  echo "responder is nats.c alone: its callback answers each message with 111 KB."
  echo
  for _ in $(seq "$rounds"); do
    start_echo
    cpu_begin
    null_load
    field rate >>"$scratch/echo"
    cpu_end >"$scratch/echo_cores"
    stop_set
    start_set "model.engine=null"
    cpu_begin
    null_load
    field rate >>"$scratch/null"
    cpu_end >"$scratch/null_cores"
    stop_set
  done
  echo "| responder | answers/s | cores: responder, generator, nats-server |"
  echo "|---|---|---|"
  echo "| bare nats.c | $(median "$scratch/echo") | $(cat "$scratch/echo_cores") |"
  echo "| inpaintd, null engine | $(median "$scratch/null") | $(cat "$scratch/null_cores") |"
  echo "| ratio | $(ratio "$(median "$scratch/null")" "$(median "$scratch/echo")") | |"
  echo
}

null_load() {
  load --size 512 --format raw --region patch --masks box --concurrency 16 --duration "$seconds" --warmup 1 --verify 0
}

section_memory() {
  echo "### Memory over 10,000 requests"
  echo
  echo "Null engine, 256x256 raw, 16 in flight; resident memory of the service."
  echo
  echo "| requests | MB |"
  echo "|---|---|"
  start_set "model.engine=null"
  local done_=0
  for count in 1000 3000 3000 4000; do
    load --size 256 --format raw --concurrency 16 --requests "$count" --warmup 0
    done_=$((done_ + count))
    echo "| $done_ | $(memory) |"
  done
  echo
  stop_set
}

section_faults() {
  . tools/bench/faults.sh
  run_faults
}

[ $# -gt 0 ] || set -- saturated poisson added null memory faults
echo "\`tools/bench/service.sh $*\`: $(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD), $(nproc) cores of"
echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), which the service, the NATS server and the load generator share."
echo
for section in "$@"; do "section_$section"; done
