#!/usr/bin/env bash
# What the service costs beyond its engine, in one run: null engine, default model, memory. Run it on a quiet machine:
# tools/bench/service.sh [BIN_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${1:-build/release/bin}
. tools/service.sh

memory() { awk '/VmRSS/ {printf "%.0f MB\n", $2 / 1024}' "/proc/$service_pid/status"; }
load() { "$bin/inpaint-load" --server "$url" "$@" || true; }

echo "## Null engine: bus, codecs and actors alone, 512x512"
start_service "$bin" --set model.engine=null
echo "### raw, patch replies"
load --size 512 --format raw --region patch --masks box --concurrency 8 --duration 10
echo "### JPEG"
load --size 512 --format jpeg --concurrency 8 --duration 10
echo "### memory"
echo "after the above: $(memory)"
for _ in 1 2; do
  load --size 256 --format raw --concurrency 16 --duration 12 | grep '^requests'
  echo "then: $(memory)"
done
stop_service

echo "## Default model, 256x256: engine alone, then the service"
"$bin/lama-bench" --engine native --size 256 --batch 1,4,8 --threads "$(nproc)" --repeat 5
start_service "$bin" --set model.devices=cpu
load --size 256 --format raw --region patch --concurrency 16 --duration 15
echo "memory: $(memory)"
