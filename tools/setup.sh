#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what inpaintd needs to build, run and test on Debian 12. Idempotent: when nothing is missing it
# returns at once and asks neither for root nor for the network.
set -euo pipefail

packages=(
  build-essential cmake ninja-build ccache pkg-config git ca-certificates
  libcaf-dev                                  # actors
  libnats-dev nats-server                     # bus
  libmsgpack-cxx-dev libssl-dev openssl
  libtorch-dev libopenblas0-pthread           # engines; the reference BLAS would be 50x slower
  prometheus-cpp-dev libcpp-httplib-dev       # metrics, and HTTP for them and for probes
  libopencv-dev                               # codecs, geometry
  libtoml11-dev libcli11-dev libspdlog-dev    # configuration, command lines, logs
  libjpeg-dev libpng-dev libwebp-dev libexif-dev liblcms2-dev
  libxxhash-dev                               # fingerprints of requests
  doctest-dev clang-format-14                 # tests, format check
  stress-ng                                   # tests on a busy machine: tools/test_repeated.sh
  nodejs npm                                  # JavaScript client test
  python3
  imagemagick                                 # the demo's strip of pictures
)

# nodejs from another vendor brings npm along; asking Debian's npm on top of it would conflict.
if command -v node >/dev/null && command -v npm >/dev/null; then
  packages=("${packages[@]/#nodejs/}")
  packages=("${packages[@]/#npm/}")
fi

missing=()
for package in "${packages[@]}"; do
  [ -n "$package" ] || continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

. /etc/os-release
if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-0}" -lt 12 ]; then
  echo "setup: this script knows Debian 12; here is ${PRETTY_NAME:-an unknown system}. Install by hand: ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install sudo. Missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
