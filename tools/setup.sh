#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian 12 packages that inpaintd needs. It uses root rights and the network only when a package is missing.
#   tools/setup.sh           packages for building, testing and tools/check.sh
#   tools/setup.sh --demo    only the packages for tools/demo.sh, without Node.js, npm, chromium and clang
#   tools/setup.sh --fuzz    also clang with libFuzzer, for the preset fuzz
#   tools/setup.sh --coverage    also gcovr, for tools/coverage.sh
set -euo pipefail

# On a minimal Debian 12, the packages of the demo and their dependencies are 493 packages (367 MB to download, 1.6 GB
# installed), mostly LibTorch. The package libopencv-dev would add VTK, Qt and all of OpenCV.
packages=(
  build-essential cmake ninja-build pkg-config
  libcaf-dev                                  # actors
  libnats-dev nats-server                     # bus
  libmsgpack-cxx-dev libssl-dev
  libtorch-dev libopenblas0-pthread           # engines; the reference BLAS is 50 times slower
  prometheus-cpp-dev                          # metrics
  libopencv-core-dev libopencv-imgproc-dev    # geometry; found by cmake/FindOpenCV.cmake
  libtoml11-dev libcli11-dev libspdlog-dev    # configuration, command lines, logs
  libfmt-dev nlohmann-json3-dev               # text, JSON
  libboost-dev zlib1g-dev                     # HTTP by Boost.Beast; compressed pages
  libjpeg-dev libpng-dev libwebp-dev libexif-dev liblcms2-dev
  libxxhash-dev                               # fingerprints of requests
  doctest-dev                                 # for tests; CMake needs it at every configuration
  python3
  curl ca-certificates                        # tools/get-model.sh
  imagemagick                                 # the demo's strip of pictures
)
testing=(
  git openssl ccache
  clang-format-19 clang-tidy-19 shellcheck    # tools/check.sh
  pyflakes3                                   # tools/check.sh; Debian 12 has no package of ruff
  libimage-exiftool-perl                      # tests of the metadata of answers
  stress-ng                                   # tests on a busy machine: tools/test_repeated.sh
  nodejs npm                                  # tests of the JavaScript client and of the page
  python3-msgpack python3-yaml                # tests of the Python client, and of the manifests
  python3-matplotlib                          # test of tools/inpaint_load/plot.py
  golang-go                                   # tests of the Go client, with its libraries
  golang-github-nats-io-go-nats-dev golang-github-vmihailenco-msgpack.v5-dev
  chromium fonts-wqy-microhei                 # tests of the page in a browser, also in Chinese
)

case ${1:-} in
  --demo) testing=() ;;
  --fuzz) testing+=(clang-14 libclang-rt-14-dev) ;;
  --coverage) testing+=(gcovr) ;;
  "") ;;
  *)
    echo "setup: the option $1 is unknown; the first lines of $0 list the options" >&2
    exit 2
    ;;
esac

# A nodejs from another vendor contains npm, and conflicts with the npm of Debian.
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
  echo "setup: this script supports only Debian 12, and this system is ${PRETTY_NAME:-unknown};" \
    "install these packages by hand: ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: root rights are needed to install ${missing[*]}; run as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
