# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# To be sourced. fetched_models FOLDER prints the model files that tools/get-model.sh has left in FOLDER, one a line, the
# best one first. A file that could not be converted has its original ending.
fetched_models() {
  for name in big-lama migan; do
    for file in "$1/$name.safetensors" "$1/$name.pt" "$1/$name.onnx"; do
      [ -f "$file" ] || continue
      printf '%s\n' "$file"
      break
    done
  done
}
