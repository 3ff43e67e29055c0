#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the built-in weights, or the given file, with mean fill and the two methods of OpenCV, on photographs that
# were not used in training. Prints a table, and writes a contact sheet.
#
#   tools/eval-model.sh [WEIGHTS]
#
# Environment variables: SHEET (eval-model.png) is the contact sheet; DATA (models/training/data, relative to the root of
# the repository) is the folder of the photographs, which models/training/data.sh fetches; PHOTOGRAPHS (12) is their
# number. All 12 photographs take ten minutes on two idle cores. The Debian packages python3-torch and python3-opencv are
# needed.
set -eu
cd "$(dirname "$0")/.."
weights=${1:-models/weights/default.safetensors}
data=${DATA:-models/training/data}
sheet=${SHEET:-eval-model.png}
models/training/data.sh "$data" validation
${PYTHON:-/usr/bin/python3} models/training/evaluate.py "$weights" --data "$data" --sheet "$sheet" \
  --photographs "${PHOTOGRAPHS:-12}"
echo "eval-model: the contact sheet is $sheet"
