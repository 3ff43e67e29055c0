#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the client in clients/go, with the service and Debian's packages of its libraries: go.sh BIN_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
debian=/usr/share/gocode
packages="golang-go golang-github-nats-io-go-nats-dev golang-github-vmihailenco-msgpack.v5-dev"
if ! command -v go >/dev/null || [ ! -d $debian/src/github.com/nats-io/nats.go ] ||
  [ ! -d $debian/src/github.com/vmihailenco/msgpack ]; then
  echo "go: skipped, because one of these packages is missing: $packages"
  exit 77
fi
# shellcheck source=../../tools/service.sh
. "$root/tools/service.sh"

module=$scratch/go/src/$(sed -n 's/^module //p' "$root/clients/go/go.mod")
mkdir -p "$(dirname "$module")"
cp -r "$root/clients/go" "$module"
mkdir "$module/example"
cp "$root/examples/go/inpaint.go" "$module/example"
start_service "$1"
cd "$module"
export GO111MODULE=off GOPATH=$scratch/go:$debian GOFLAGS='' INPAINTD_VECTORS=$root/docs/protocol-vectors.json
export INPAINTD_TEST_URL=$url INPAINTD_DEMO=$root/examples/demo
go vet ./...
go test -count=1 -v . | grep -v '^=== '
go run ./example "$root/examples/demo/photo.jpg" "$root/examples/demo/mask.png" "$scratch/result.jpg" "$url"
[ -s "$scratch/result.jpg" ]
