#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a fresh clone to an inpainted picture: set-up, build of the three programs that are needed, a private nats-server,
# the service, one request, ten seconds of load. The demo leaves out/demo/{input,mask,result,strip}.png, and no process.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=5
step=0
# begin WHAT HOW_LONG: the times are those of two quiet cores and a fast network.
begin() {
  step=$((step + 1))
  printf 'demo: step %d of %d, %d:%02d after the start: %s (%s)\n' "$step" "$steps" $((SECONDS / 60)) $((SECONDS % 60)) \
    "$1" "$2"
}

begin "install the packages that are missing" "about 1 minute, and no time if none is missing"
tools/setup.sh --demo

begin "build inpaintd, inpaint and inpaint-load" "about 4 minutes, and seconds if they are built already"
[ -f build/release/build.ninja ] || cmake --preset release --log-level=WARNING
NINJA_STATUS="demo: build %p, %e s: " cmake --build --preset release --target inpaintd inpaint inpaint-load
bin=build/release/bin
out=out/demo
mkdir -p "$out"

begin "start the service with the built-in model on the CPU" "about 5 seconds"
# shellcheck source=service.sh
. tools/service.sh
start_service "$bin" --set model.devices=cpu

begin "inpaint a photograph" "about 5 seconds"
convert examples/demo/photo.jpg "$out/input.png"
cp examples/demo/mask.png "$out/mask.png"
"$bin/inpaint" "$out/input.png" "$out/mask.png" -o "$out/result.png" --server "$url" --progress
convert "$out/input.png" \( "$out/mask.png" -colorspace sRGB -type TrueColor \) "$out/result.png" +append "$out/strip.png"
echo "demo: before, mask, after: $out/strip.png"

begin "put load on the service: 256x256, four requests at a time" "10 seconds"
"$bin/inpaint-load" --server "$url" --concurrency 4 --size 256 --duration 10
