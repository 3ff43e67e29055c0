# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced: start_service BIN_FOLDER [inpaintd arguments] runs inpaintd with a nats-server of its own on a free port,
# sets $url, $service_pid and $scratch, and sees to it that nothing is left behind.
scratch=$(mktemp -d)
service_pid=

stop_service() {
  [ -n "$service_pid" ] || return 0
  kill -TERM "$service_pid" 2>/dev/null || true
  wait "$service_pid"
}

clean_up() {
  status=$?
  stop_service || status=$?
  [ $status -eq 0 ] || [ ! -e "$scratch/inpaintd.log" ] || sed 's/^/inpaintd: /' "$scratch/inpaintd.log" >&2 || true
  rm -rf "$scratch"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# eventually COMMAND...: repeats it until it succeeds; only a failure waits for the end, two minutes later.
eventually() {
  local end=$((SECONDS + 120))
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "it did not come to pass: $*" >&2; return 1; }
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
    "$bin/inpaintd" --start-nats --server "$url" "$@" >"$scratch/inpaintd.log" 2>&1 &
    service_pid=$!
    eventually serves_or_ended
    grep -q 'serving inpaint.v1.run' "$scratch/inpaintd.log" && return 0
    # Another program may have taken the port since it was chosen.
    grep -qE 'port [0-9]+ (is taken|free)' "$scratch/inpaintd.log" || break
  done
  echo "inpaintd did not start" >&2
  return 1
}
