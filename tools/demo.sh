#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to an inpainted picture: set-up, build, a private nats-server, the service, one request, ten seconds of
# load. Leaves out/demo/{input,mask,result,strip}.png, and nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
[ -f build/release/build.ninja ] || cmake --preset release
cmake --build --preset release
bin=build/release/bin
out=out/demo
mkdir -p "$out"

. tools/service.sh
echo "demo: starting the service with the built-in model on the CPU"
start_service "$bin" --set model.devices=cpu

convert examples/demo/photo.jpg "$out/input.png"
cp examples/demo/mask.png "$out/mask.png"
"$bin/inpaint" "$out/input.png" "$out/mask.png" -o "$out/result.png" --server "$url" --progress
convert "$out/input.png" \( "$out/mask.png" -colorspace sRGB -type TrueColor \) "$out/result.png" +append "$out/strip.png"
echo "demo: before, mask, after: $out/strip.png"

echo "demo: ten seconds of load, 256x256, four requests at a time"
"$bin/inpaint-load" --server "$url" --concurrency 4 --size 256 --duration 10
