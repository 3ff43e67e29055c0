#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Debian packages inpaintd, inpaint-gateway and inpaint-tools into BUILD_FOLDER/packages:
#   tools/package.sh [BUILD_FOLDER]      default: build/release, which is built first
# Needs help2man and dpkg-dev besides the packages of a build.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
for command in help2man dpkg-shlibdeps; do
  command -v $command >/dev/null || { echo "package: $command is missing; install help2man and dpkg-dev" >&2; exit 1; }
done

[ -e "$build/CMakeCache.txt" ] || cmake --preset release -B "$build"
cmake --build "$build" --target inpaintd inpaint inpaint-gateway inpaint-load inpaint-setup inpaint-model lama-bench

rm -rf "$build/man" "$build/packages"
page() {  # page PACKAGE PROGRAM DESCRIPTION
  mkdir -p "$build/man/$1"
  help2man --no-info --name "$3" --source inpaintd --output "$build/man/$1/$2.1" "$build/bin/$2"
  gzip -9n "$build/man/$1/$2.1"
}
page inpaintd inpaintd "removes things from pictures, as a service over NATS"
page inpaint-gateway inpaint-gateway "removes things from pictures, over HTTP and at a page"
page inpaint-tools inpaint "removes things from pictures"
page inpaint-tools inpaint-load "load generator of inpaintd"
page inpaint-tools inpaint-setup "makes what inpaintd keeps in the NATS server"
page inpaint-tools inpaint-model "describes and converts models of inpaintd"
page inpaint-tools lama-bench "measures the engines of inpaintd"

(cd "$build" && cpack -G DEB --config CPackConfig.cmake >packages.log) || { cat "$build/packages.log" >&2; exit 1; }
rm -rf "$build/packages/_CPack_Packages"
ls -l "$build/packages"
