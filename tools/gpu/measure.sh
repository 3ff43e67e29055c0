#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the engines on a CUDA machine: builds models/ alone, runs its tests on every GPU, checks the accuracy, measures
# speed and memory, and prints the results as Markdown for docs/performance.md. Ends at the first step that fails, with
# the cause in the last lines.
#
#   tools/gpu/measure.sh [--device cuda:N] [--model FILE] [--repeat N]   defaults: cuda:0, random weights with the shape
#                                                                        of big-lama, 10 runs
#   tools/gpu/measure.sh --device cpu                                    the same steps on small pictures, to test the
#                                                                        script itself
#
# The script needs CMake, a C++20 compiler and LibTorch: that of Python's torch 2.7 or newer (older ones have the old C++
# ABI), or the one in CMAKE_PREFIX_PATH. The headers of CLI11, doctest, fmt and nlohmann-json may be in
# .third_party/include. Exit codes: 0 all steps succeeded and every accuracy gate passed, 1 otherwise.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CUDA_DEVICE_ORDER=PCI_BUS_ID # so that cuda:N and nvidia-smi number the GPUs alike

fail() {
  echo "measure: $*" >&2
  exit 1
}

device=cuda:0
model=
repeat=10
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=${2:?--device needs the name of a device} ;;
    --model) model=${2:?--model needs a file} ;;
    --repeat) repeat=${2:?--repeat needs a number} ;;
    *) fail "the argument $1 is unknown; the first lines of $0 list the arguments" ;;
  esac
  shift 2
done

case $device in
  cuda:*)
    [ -z "${CUDA_VISIBLE_DEVICES:-}" ] ||
      fail "CUDA_VISIBLE_DEVICES changes the numbers of the GPUs, so that nvidia-smi names others; unset it and use --device"
    nvidia-smi >/dev/null 2>&1 || fail "nvidia-smi finds no CUDA device; check the driver, or test the script with --device cpu"
    ask() { nvidia-smi --id="${device#cuda:}" --query-gpu="$1" --format=csv,noheader; }
    chip=$(ask name) || fail "the device $device does not exist; nvidia-smi lists the devices"
    driver=$(ask driver_version)
    model=${model:-random:64,18}
    precisions=fp32,fp16 others=bf16 checked=256,512,640x384,520x264
    sizes=256,512,768,1024 batches=1,4,8,16 checked_batches=1,4,8
    ;;
  cpu)
    chip=none driver=none
    model=${model:-random:8,2}
    precisions=fp32 others='' checked=64,72x40
    sizes=64,96 batches=1,2 checked_batches=1,3
    ;;
  *) fail "the device $device is unknown; write cuda:N or cpu" ;;
esac

# CMake reads CMAKE_PREFIX_PATH from the environment.
if [ -z "${CMAKE_PREFIX_PATH:-}" ] && [ "$device" != cpu ]; then
  CMAKE_PREFIX_PATH=$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)') ||
    fail "Python's torch cannot be imported; install it, or set CMAKE_PREFIX_PATH to a LibTorch for CUDA"
  export CMAKE_PREFIX_PATH
fi

build=build/engine
generator=()
if [ ! -e $build/CMakeCache.txt ] && command -v ninja >/dev/null; then
  generator=(-G Ninja)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake -S . -B $build "${generator[@]}" -DINPAINTD_ENGINE_ONLY=ON -DCMAKE_BUILD_TYPE=Release >"$log" 2>&1 ||
  fail "CMake cannot configure the build: $(grep -A 4 -m 1 'CMake Error' "$log" || tail -5 "$log")"
if ! cmake --build $build --parallel "$(nproc)" >"$log" 2>&1; then
  grep -q '__cxx11' "$log" && grep -q 'undefined reference' "$log" &&
    fail "LibTorch has the old C++ ABI; use a LibTorch marked cxx11-abi, or Python's torch 2.7 or newer"
  fail "the build failed: $(grep -m 3 -E 'error|undefined reference' "$log" || tail -5 "$log")"
fi
[ "$device" = cpu ] || grep -q INPAINTD_CUDA $build/compile_commands.json ||
  fail "this LibTorch ($(sed -n 's/^Torch_DIR:PATH=//p' $build/CMakeCache.txt)) was built without CUDA; install one with CUDA"

step() { # TITLE COMMAND...
  local title=$1 status=0
  shift
  "$@" || status=$?
  [ $status -eq 0 ] || fail "$title failed (exit status $status): $*"
}
test_with() { step "$1" "$build/bin/$2" --minimal >&2; }
bench() { $build/bin/lama-bench --model "$model" --device "$device" "$@"; }

echo "# $chip, $(date -u +%Y-%m-%d), commit $(git describe --always --dirty 2>/dev/null || echo unknown)"
echo
echo "Driver $driver; $(cmake --version | head -1); model $model."
test_with "the tests of core" test_core
test_with "the tests of the kernels, on every GPU" test_kernels
test_with "the tests of the engines, on every GPU" test_models
test_with "the tests of lama-bench" test_lama_bench

echo
echo "# Accuracy"
step "accuracy" bench --engine native --precision "$precisions${others:+,$others}" --size $checked --batch $checked_batches \
  --repeat 0 --accuracy
echo
echo "# Speed: LibTorch (script) and native engine in turn"
step "speed" bench --engine script,native --precision $precisions --size $sizes --batch $batches --repeat "$repeat"
if [ -n "$others" ]; then
  step "speed of $others" bench --engine native --precision $others --size $sizes --batch $batches --repeat "$repeat"
fi
echo
echo "# The built-in model"
step "accuracy of the built-in model" $build/bin/lama-bench --device "$device" --engine native --precision $precisions --size $checked \
  --batch $checked_batches --repeat 0 --accuracy
echo
echo "# Memory"
step "memory" bench --engine script,native --precision $precisions --size "${sizes##*,}" --batch 1 --repeat 0 --memory
