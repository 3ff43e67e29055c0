#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measures the shipped weights (or the file given) on photographs they were not trained on, beside mean fill and OpenCV's two methods.
#
#   tools/eval-model.sh [WEIGHTS]     prints a table; the contact sheet goes to $SHEET (eval-model.png)
#
# DATA (models/training/data) keeps what data.sh fetched. Needs Debian's python3-torch and python3-opencv.
set -eu
cd "$(dirname "$0")/.."
weights=${1:-models/weights/default.safetensors}
data=${DATA:-models/training/data}
sheet=${SHEET:-eval-model.png}
models/training/data.sh "$data" validation
${PYTHON:-/usr/bin/python3} models/training/evaluate.py "$weights" --data "$data" --sheet "$sheet"
echo "contact sheet: $sheet"
