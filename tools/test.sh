#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold, from a clean checkout: set-up, build, checks, all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
cmake --preset release ${CI:+-DINPAINTD_WERROR=ON} # elsewhere a newer compiler may warn of new things
cmake --build --preset release
tools/check.sh build/release
