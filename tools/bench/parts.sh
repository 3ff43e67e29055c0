# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# Sourced by service.sh: starts services on one nats-server, runs inpaint-load, and evaluates its reports.
nats_pid=
service_pids=()

# start_set "KEY=VALUE ..." [KEY=VALUE...]: starts a nats-server, and one inpaintd with these settings.
start_set() {
  start_nats
  # shellcheck disable=SC2086
  add_worker $1 "${@:2}"
}

start_nats() {
  local port
  port=$(free_port)
  url=nats://127.0.0.1:$port
  printf 'host: 127.0.0.1\nport: %s\nmax_payload: 8MB\nmax_pending: 256MB\n' "$port" >"$scratch/nats.conf"
  launch_nats
}

launch_nats() {
  nats-server -c "$scratch/nats.conf" -l "$scratch/nats.log" &
  nats_pid=$!
  for _ in $(seq 100); do
    grep -q 'Server is ready' "$scratch/nats.log" 2>/dev/null && break
    sleep 0.05
  done
}

# add_worker KEY=VALUE...: starts another inpaintd.
add_worker() {
  local arguments=() log=$scratch/inpaintd.${#service_pids[@]}.log
  for setting in "$@"; do arguments+=(--set "$setting"); done
  "$bin/inpaintd" --server "$url" --set http.listen= "${arguments[@]}" >"$log" 2>&1 &
  service_pids+=($!)
  wait_for_worker "$log"
}

start_echo() {
  start_nats
  "$bin/nats-echo" --server "$url" >"$scratch/echo.log" &
  service_pids+=($!)
  for _ in $(seq 100); do grep -q answering "$scratch/echo.log" && return 0; sleep 0.05; done
  return 1
}

wait_for_worker() {
  for _ in $(seq 600); do
    grep -q 'serving inpaint.v1.run' "$1" && return 0
    kill -0 "${service_pids[-1]}" 2>/dev/null || { cat "$1" >&2; return 1; }
    sleep 0.1
  done
  return 1
}

# Stops all workers, then their nats-server.
stop_set() {
  for pid in "${service_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${service_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  service_pids=()
  [ -z "$nats_pid" ] || { kill "$nats_pid" 2>/dev/null || true; wait "$nats_pid" 2>/dev/null || true; }
  nats_pid=
  rm -f "$scratch/nats.log"
  return 0
}
trap 'code=$?; stop_set; clean_up "$code"' EXIT

# load OPTIONS: runs inpaint-load and writes its report to $scratch/load.json. The report has more than the exit code, so
# that the exit code only matters when there is no report.
load() {
  "$bin/inpaint-load" --server "$url" --json "$scratch/load.json" "$@" >"$scratch/load.txt" 2>"$scratch/load.err" ||
    [ -s "$scratch/load.json" ] || { cat "$scratch/load.err" >&2; return 1; }
}

# field KEY[.KEY...]: prints a number of the last report.
field() {
  python3 - "$scratch/load.json" "$1" <<'PYTHON'
import functools, json, sys
value = functools.reduce(lambda node, key: node[key], sys.argv[2].split("."), json.load(open(sys.argv[1])))
print(f"{value:.4g}" if isinstance(value, float) else value)
PYTHON
}

median() { sort -g "$1" | awk '{v[NR] = $1} END {printf "%.4g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
ratio() { python3 -c 'import sys; print(f"{100 * float(sys.argv[1]) / float(sys.argv[2]):.1f} %")' "$1" "$2"; }
memory() { awk '/VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/${service_pids[0]}/status"; }
memory_max() { awk '/VmHWM/ {printf "%.0f", $2 / 1024}' "/proc/${service_pids[0]}/status"; }

# cpu_of PID: prints the CPU time of a process, in seconds.
cpu_of() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / hz}' "/proc/$1/stat"; }
now() { awk '{print $1}' /proc/uptime; }
cpu_begin() { cpu_mark="$(now) $(cpu_of "${service_pids[0]}") $(cpu_of "$nats_pid")"; }
# Prints the cores used since cpu_begin by the service, the generator and nats-server.
cpu_end() {
  # shellcheck disable=SC2086
  python3 - $cpu_mark "$(now)" "$(cpu_of "${service_pids[0]}")" "$(cpu_of "$nats_pid")" "$(field generator_cpu_cores)" <<'PYTHON'
import sys
t0, s0, n0, t1, s1, n1, generator = map(float, sys.argv[1:])
print(f"{(s1 - s0) / (t1 - t0):.2f}, {generator:.2f}, {(n1 - n0) / (t1 - t0):.2f}")
PYTHON
}
