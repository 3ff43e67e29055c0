#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures the shipped weights (or the file given) on photographs they were not trained on, beside mean fill and OpenCV's two methods.
#
#   tools/eval-model.sh [WEIGHTS]     prints a table; the contact sheet goes to $SHEET (eval-model.png)
#
# PHOTOGRAPHS=3 is a quicker look; the whole table takes ten minutes of two idle cores. DATA (models/training/data) keeps what data.sh
# fetched; a relative one is taken from the repository's root. Needs Debian's python3-torch and python3-opencv.
set -eu
cd "$(dirname "$0")/.."
weights=${1:-models/weights/default.safetensors}
data=${DATA:-models/training/data}
sheet=${SHEET:-eval-model.png}
models/training/data.sh "$data" validation
${PYTHON:-/usr/bin/python3} models/training/evaluate.py "$weights" --data "$data" --sheet "$sheet" --photographs "${PHOTOGRAPHS:-12}"
echo "contact sheet: $sheet"
