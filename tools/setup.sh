#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs on Debian 12 what inpaintd needs. When nothing is missing it returns at once, and asks neither for root nor for
# the network.
#   tools/setup.sh           what building, testing and tools/check.sh need
#   tools/setup.sh --demo    only what tools/demo.sh needs: no Node.js, no npm, no clang
#   tools/setup.sh --fuzz    also clang with libFuzzer, for the preset fuzz
#   tools/setup.sh --coverage    also gcovr, for tools/coverage.sh
set -euo pipefail

# On an empty Debian 12 the demo's packages are 493 with all that they depend on (367 MB to fetch, 1.6 GB installed); most
# of that is LibTorch. libopencv-dev instead of its core and imgproc packages would bring VTK, Qt and all of OpenCV.
packages=(
  build-essential cmake ninja-build pkg-config
  libcaf-dev                                  # actors
  libnats-dev nats-server                     # bus
  libmsgpack-cxx-dev libssl-dev
  libtorch-dev libopenblas0-pthread           # engines; the reference BLAS would be 50 times slower
  prometheus-cpp-dev libcpp-httplib-dev       # metrics, and HTTP for metrics and probes
  libopencv-core-dev libopencv-imgproc-dev    # geometry; found by cmake/FindOpenCV.cmake
  libtoml11-dev libcli11-dev libspdlog-dev    # configuration, command lines, logs
  libfmt-dev nlohmann-json3-dev               # text, JSON
  libboost-dev zlib1g-dev                     # the HTTP gateway: Beast, compressed pages
  libjpeg-dev libpng-dev libwebp-dev libexif-dev
  libxxhash-dev                               # fingerprints of requests
  doctest-dev liblcms2-dev                    # small, of the tests: CMake looks for them when it configures the tree
  python3
  imagemagick                                 # the demo's strip of pictures
)
testing=(
  git ca-certificates openssl ccache
  clang-format-19 clang-tidy-19 shellcheck    # tools/check.sh
  pyflakes3                                   # tools/check.sh; Debian 12 has no package of ruff
  stress-ng                                   # tests on a busy machine: tools/test_repeated.sh
  nodejs npm                                  # JavaScript client test
)

case ${1:-} in
  --demo) testing=() ;;
  --fuzz) testing+=(clang-14 libclang-rt-14-dev) ;;
  --coverage) testing+=(gcovr) ;;
  "") ;;
  *)
    echo "setup: $1 is unknown; the first lines of $0 say what there is" >&2
    exit 2
    ;;
esac

# nodejs from another vendor brings npm along; Debian's npm beside it would conflict.
if command -v node >/dev/null && command -v npm >/dev/null; then
  testing=("${testing[@]/#nodejs/}")
  testing=("${testing[@]/#npm/}")
fi

missing=()
for package in "${packages[@]}" "${testing[@]}"; do
  [ -n "$package" ] || continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi

# shellcheck source=/dev/null
. /etc/os-release
if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-0}" -lt 12 ]; then
  echo "setup: this script knows Debian 12, and this system is ${PRETTY_NAME:-unknown};" \
    "install by hand: ${missing[*]}" >&2
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
