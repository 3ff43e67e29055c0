#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Leads from a fresh clone to an inpainted picture: installs packages, builds four programs, starts the service with a
# private nats-server, inpaints a photograph, and sends ten seconds of load. The pictures are out/demo/input.png,
# mask.png, result.png and strip.png. The model is one that tools/get-model.sh has fetched, or else the built-in one. No
# process remains at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=5
step=0
# begin STEP DURATION: prints the step. Durations are those of two idle cores and a fast network.
begin() {
  step=$((step + 1))
  printf 'demo: step %d of %d, %d:%02d after the start: %s (%s)\n' "$step" "$steps" $((SECONDS / 60)) $((SECONDS % 60)) \
    "$1" "$2"
}

begin "install missing packages" "about 1 minute, if any is missing"
tools/setup.sh --demo

begin "build inpaintd, inpaint, inpaint-load and inpaint-gateway" "about 4 minutes, or seconds if they are up to date"
[ -f build/release/build.ninja ] || cmake --preset release --log-level=WARNING
NINJA_STATUS="demo: build %p, %e s: " cmake --build --preset release --target inpaintd inpaint inpaint-load inpaint-gateway
bin=build/release/bin
out=out/demo
mkdir -p "$out"

# shellcheck source=models.sh
. tools/models.sh
model=$(fetched_models "$PWD/models/weights" | head -n 1)
begin "start the service with ${model:-the built-in model} on the CPU" "about 5 seconds"
[ -n "$model" ] || echo "demo: a better model comes with tools/get-model.sh big-lama, or tools/get-model.sh migan"
# shellcheck source=service.sh
. tools/service.sh
start_service "$bin" --set model.devices=cpu --set model.file="$model"

begin "inpaint a photograph" "about 5 seconds"
convert examples/demo/photo.jpg "$out/input.png"
cp examples/demo/mask.png "$out/mask.png"
"$bin/inpaint" "$out/input.png" "$out/mask.png" -o "$out/result.png" --server "$url" --progress
convert "$out/input.png" \( "$out/mask.png" -colorspace sRGB -type TrueColor \) "$out/result.png" +append "$out/strip.png"
echo "demo: $out/strip.png shows the photograph, the mask and the result"

begin "send load: pictures of 256x256, four requests in flight" "10 seconds"
"$bin/inpaint-load" --server "$url" --concurrency 4 --size 256 --duration 10
