# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by service.sh: load while faults are injected, and a table of the results.

run_faults() {
  echo "### Injected faults"
  echo
  echo "Every case runs on a null engine with 20 ms + 5 ms per picture in batches of 8 (133/s), with pictures of 128x128 raw."
  echo "Counts are of all requests, warm-up included. *Harmed* are valid requests that were refused, or failed finally."
  echo
  echo "| case | sent | answered | duplicate | ok | other results | harmed | p99 of ok | peak memory of the service, MB |"
  echo "|---|---|---|---|---|---|---|---|---|"
  fault_case "1 % poison" "" --concurrency 24 --poison 0.01
  fault_case "cancellation of half of the requests" "" --concurrency 48 --cancel 0.5
  seconds=$overload_seconds fault_case "2x overload, Poisson, $overload_seconds s, deadline 3 s" "" \
    --profile overload --rate 130 --poisson --timeout 3 --retries 0
  fault_case "2x overload, clients retry (20 times)" "" --profile overload --rate 100 --poisson --retries 20
  fault_case "bursts" "" --profile burst --rate 80 --poisson
  fault_case "1 of 16 pictures fails every batch that contains it" poison:0.01 --concurrency 24
  fault_case "2 % of the batches fail" fail:0.02 --concurrency 24
  fault_case "1 % of the batches return one picture too few" count:0.01 --concurrency 24
  fault_case "the engine crashes (1 % of the batches)" crash:0.01 --concurrency 24
  fault_case "out of memory above 3 pictures" "oom:>3" --concurrency 24
  fault_case "1 % of the batches return NaN" nan:0.01 --concurrency 24
  fault_case "the engine hangs for 3 s" hang:@40:3s --concurrency 24 --timeout 10
  two_workers "drain of one of two workers" TERM 20
  two_workers "kill -9 of one of two workers" KILL 20
  server_restart
  echo
}

# fault_case NAME FAULTS LOAD_OPTIONS...
fault_case() {
  local name=$1 faults=$2
  shift 2
  start_set "model.engine=null model.null_pace=20ms+5ms batch.size_max=8" ${faults:+"model.null_faults=$faults"}
  load --size 128 --format raw --duration "$seconds" --warmup 1 "$@"
  fault_row "$name"
  stop_set
}

fault_row() {
  python3 - "$1" "$scratch/load.json" "$(memory_max)" <<'PYTHON'
import json, sys
name, path, memory = sys.argv[1:]
report = json.load(open(path))
every = report["all"]
endings = ", ".join(f"{code} {count}" for code, count in report["errors"].items()) or "none"
print(f"| {name} | {every['requests']} | {every['answered']} | {every['duplicate']} | {report['ok']} | {endings} "
      f"| {report['harmed']} | {report['latency_ms']['p99']:.0f} ms | {memory} |", flush=True)
PYTHON
}

# two_workers NAME SIGNAL RETRIES: the second worker receives the signal in the middle of the load.
two_workers() {
  start_set "model.engine=null model.null_pace=20ms+5ms batch.size_max=8"
  add_worker model.engine=null model.null_pace=20ms+5ms batch.size_max=8
  (sleep $((seconds / 2)) && kill "-$2" "${service_pids[1]}") &
  load --size 128 --format raw --duration "$seconds" --warmup 1 --rate 100 --poisson --timeout 2 --grace 1 --retries "$3"
  fault_row "$1, clients retry"
  stop_set
}

# The NATS server is killed in the middle of the load, and restarted after a second.
server_restart() {
  start_set "model.engine=null model.null_pace=20ms+5ms batch.size_max=8"
  (sleep $((seconds / 2)) && kill -KILL "$nats_pid" && sleep 1 && exec nats-server -c "$scratch/nats.conf" -l /dev/null) &
  local restarted=$!
  load --size 128 --format raw --duration "$seconds" --warmup 1 --rate 60 --poisson --timeout 2 --grace 1 --retries 20
  fault_row "nats-server killed and restarted, clients retry"
  stop_set
  kill "$restarted" 2>/dev/null || true
  wait "$restarted" 2>/dev/null || true
}
