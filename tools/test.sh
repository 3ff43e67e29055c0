#!/usr/bin/env bash
# Everything that must hold, from a clean checkout: set-up, build with warnings as errors, checks, all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
cmake --preset release -DINPAINTD_WERROR=ON
cmake --build --preset release
tools/check.sh build/release
