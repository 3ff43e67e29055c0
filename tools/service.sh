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

start_service() {
  local bin=$1
  shift
  url=nats://127.0.0.1:$(free_port)
  "$bin/inpaintd" --start-nats --server "$url" "$@" >"$scratch/inpaintd.log" 2>&1 &
  service_pid=$!
  for _ in $(seq 600); do
    grep -q 'serving inpaint.v1.run' "$scratch/inpaintd.log" && return 0
    kill -0 "$service_pid" 2>/dev/null || { echo "inpaintd did not start" >&2; return 1; }
    sleep 0.1
  done
  echo "inpaintd is not ready after a minute" >&2
  return 1
}
