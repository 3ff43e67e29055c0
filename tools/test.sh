#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs all checks on a clean checkout: installs packages, builds, checks the sources, and runs all tests.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh
cmake --preset release ${CI:+-DINPAINTD_WERROR=ON} # only in CI, as other compilers may have other warnings
cmake --build --preset release
tools/check.sh build/release
