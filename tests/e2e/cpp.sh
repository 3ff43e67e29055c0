#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the C++ client, builds the example with its CMake package, and runs it with the service: cpp.sh BIN_FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=../../tools/service.sh
. "$root/tools/service.sh"

cmake --install "$1/.." --component client-dev --prefix "$scratch/installed" >/dev/null
cmake -S "$root/examples/cpp" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/installed" >/dev/null
cmake --build "$scratch/build"
start_service "$1"
"$scratch/build/inpaint_example" "$root/examples/demo/photo.jpg" "$root/examples/demo/mask.png" "$scratch/result.jpg" "$url"
"$1/inpaint" "$root/examples/demo/photo.jpg" "$root/examples/demo/mask.png" -o "$scratch/same.jpg" --server "$url"
cmp "$scratch/result.jpg" "$scratch/same.jpg"
