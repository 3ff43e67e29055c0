#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares models with mean fill and the two methods of OpenCV, on photographs that were not used in training. Prints a
# table, and writes a contact sheet.
#
#   tools/eval-model.sh [FILE...]
#
# Each FILE is a model file of any form. Without one, the models are the built-in one and those that tools/get-model.sh
# has fetched. build/release/bin/inpaint fills the holes, as for any user; the script builds it.
#
# Environment variables: SHEET (eval-model.png) is the contact sheet; DATA (models/training/data, relative to the root of
# the repository) is the folder of the photographs, which models/training/data.sh fetches; PHOTOGRAPHS (12) is their
# number. All 12 photographs take ten minutes on two idle cores for each small model. The Debian packages python3-torch
# and python3-opencv are needed.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=models.sh
. tools/models.sh
if [ $# -eq 0 ]; then
  set -- models/weights/default.safetensors
  for model in $(fetched_models models/weights); do set -- "$@" "$model"; done
fi
data=${DATA:-models/training/data}
sheet=${SHEET:-eval-model.png}
[ -f build/release/build.ninja ] || cmake --preset release --log-level=WARNING
cmake --build --preset release --target inpaint
models/training/data.sh "$data" validation
${PYTHON:-/usr/bin/python3} models/training/evaluate.py --inpaint build/release/bin/inpaint --models "$@" --data "$data" \
  --sheet "$sheet" --photographs "${PHOTOGRAPHS:-12}"
echo "eval-model: the contact sheet is $sheet"
