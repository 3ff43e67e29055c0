# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by service.sh: what goes wrong on purpose, and the accounts afterwards.

run_faults() {
  echo "### When things go wrong"
  echo
  echo "Every case on an engine that takes 20 ms + 5 ms a picture in batches of 8 (133/s) and uses no CPU, 128x128 raw;"
  echo "accounts are of all requests, warm-up included. *Harmed* are good requests that were refused, or failed for good."
  echo
  echo "| case | sent | answered | twice | ok | other endings | harmed | p99 of the ok | service, MB at most |"
  echo "|---|---|---|---|---|---|---|---|---|"
  fault_case "1 % poison" "" --concurrency 24 --poison 0.01
  fault_case "cancel storm: half of all" "" --concurrency 48 --cancel 0.5
  seconds=$overload_seconds fault_case "2x overload, Poisson, $overload_seconds s, deadline 3 s" "" \
    --profile overload --rate 130 --poisson --timeout 3 --retries 0
  fault_case "2x overload, clients try again (20 times)" "" --profile overload --rate 100 --poisson --retries 20
  fault_case "bursts" "" --profile burst --rate 80 --poisson
  fault_case "a picture that fails every batch it is in (1 of the 16)" poison:0.01 --concurrency 24
  fault_case "2 % of the runs fail" fail:0.02 --concurrency 24
  fault_case "1 % of the runs answer one too few" count:0.01 --concurrency 24
  fault_case "the engine crashes (every 100th run)" crash:0.01 --concurrency 24
  fault_case "out of memory above 3 pictures" "oom:>3" --concurrency 24
  fault_case "answers that are not finite, 1 %" nan:0.01 --concurrency 24
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
  start_set "model.engine=null model.file=20ms+5ms batch.size_max=8" ${faults:+"model.null_faults=$faults"}
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

# two_workers NAME SIGNAL RETRIES: the second worker gets the signal in the middle of the load.
two_workers() {
  start_set "model.engine=null model.file=20ms+5ms batch.size_max=8"
  add_worker model.engine=null model.file=20ms+5ms batch.size_max=8
  (sleep $((seconds / 2)) && kill "-$2" "${service_pids[1]}") &
  load --size 128 --format raw --duration "$seconds" --warmup 1 --rate 100 --poisson --timeout 2 --grace 1 --retries "$3"
  fault_row "$1, clients try again"
  stop_set
}

# The NATS server is killed in the middle of the load, and started again a second later.
server_restart() {
  start_set "model.engine=null model.file=20ms+5ms batch.size_max=8"
  (sleep $((seconds / 2)) && kill -KILL "$nats_pid" && sleep 1 && exec nats-server -c "$scratch/nats.conf" -l /dev/null) &
  local restarted=$!
  load --size 128 --format raw --duration "$seconds" --warmup 1 --rate 60 --poisson --timeout 2 --grace 1 --retries 20
  fault_row "nats-server killed and started again, clients try again"
  stop_set
  kill "$restarted" 2>/dev/null || true
  wait "$restarted" 2>/dev/null || true
}
