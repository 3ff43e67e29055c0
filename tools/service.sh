# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# To be sourced. start_service BIN_FOLDER [ARGUMENT...] starts inpaintd with these arguments and a private nats-server on
# a free port, and sets $url and $service_pid. $scratch is a temporary folder. At the end of the script, the service is
# stopped and the folder is removed.
scratch=$(mktemp -d)
service_pid=
nats_pid=  # of a nats-server that a script starts beside the service; it ends with the script

stop_service() {
  [ -n "$service_pid" ] || return 0
  kill -TERM "$service_pid" 2>/dev/null || true
  wait "$service_pid"
}

clean_up() {  # clean_up [EXIT_CODE]: ends the script, by default with the exit code of the last command
  status=${1-$?}
  stop_service || status=$?
  [ -z "$nats_pid" ] || kill "$nats_pid" 2>/dev/null || true
  [ "$status" -eq 0 ] || [ ! -e "$scratch/inpaintd.log" ] || sed 's/^/inpaintd: /' "$scratch/inpaintd.log" >&2 || true
  rm -rf "$scratch"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# eventually COMMAND...: repeats the command until it succeeds; fails after ten minutes.
eventually() {
  local end=$((SECONDS + 600))
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "service: the command did not succeed within ten minutes: $*" >&2; return 1; }
    sleep 0.1
  done
}

serves_or_ended() {
  grep -q 'serving inpaint.v1.run' "$scratch/inpaintd.log" || ! kill -0 "$service_pid" 2>/dev/null
}

start_service() {
  local bin=$1
  shift
  for _ in 1 2 3 4 5; do
    url=nats://127.0.0.1:$(free_port)
    : >"$scratch/inpaintd.log"  # removes the line "serving" of an earlier service, before the new one starts
    "$bin/inpaintd" --start-nats --server "$url" "$@" >"$scratch/inpaintd.log" 2>&1 &
    service_pid=$!
    eventually serves_or_ended
    grep -q 'serving inpaint.v1.run' "$scratch/inpaintd.log" && return 0
    # Another program may have taken the port after the choice; try the next one.
    grep -qE 'port [0-9]+ is (taken|free)' "$scratch/inpaintd.log" || break
  done
  echo "service: inpaintd did not start; see its log" >&2
  return 1
}
