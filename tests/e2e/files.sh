#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests how the programs read and write files: files.sh BIN_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$1
# shellcheck source=../../tools/service.sh
. "$here/../../tools/service.sh"

step() { echo "== $*"; }
make() { python3 "$here/png.py" write "$1" "$2"; }
# ends_with CODE COMMAND...: checks the exit code of the command, whose output goes to $scratch/out and $scratch/err.
ends_with() {
  local expected=$1 status=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  [ $status -eq "$expected" ] || { echo "exit code $status, not $expected: $*" >&2; cat "$scratch/err" >&2; return 1; }
}
says() { grep -q -- "$1" "$scratch/err" || { echo "the text is missing: $1" >&2; cat "$scratch/err" >&2; return 1; }; }
says_nothing() { [ ! -s "$scratch/err" ] || { cat "$scratch/err" >&2; return 1; }; }

in=$scratch/in
mkdir "$in"
for kind in photo hidden mask labels red dim black drawn deep indices; do make $kind "$in/$kind.png"; done
paint=("$bin/inpaint" --local)

step "masks of several kinds give the same result, with a note about their meaning"
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o "$scratch/right.png"
says_nothing
for kind in labels red drawn indices; do
  ends_with 0 "${paint[@]}" "$in/photo.png" "$in/$kind.png" -o "$scratch/$kind.png"
  says '^note: the mask'
  cmp "$scratch/right.png" "$scratch/$kind.png"
done

step "a mask without a hole gives a warning with its largest value, exit code 4, and the picture"
ends_with 4 "${paint[@]}" "$in/photo.png" "$in/dim.png" -o "$scratch/dim.png"
says '^warning: the mask has no hole.* largest value is 100 of 255, .* more than 127'
[ "$(python3 "$here/png.py" pixel "$scratch/dim.png" 25 20)" = "100 100 255" ]
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/dim.png" --mask-values nonzero -o "$scratch/dim.png"
cmp "$scratch/right.png" "$scratch/dim.png"
ends_with 1 "${paint[@]}" "$in/photo.png" "$in/mask.png" --mask-values alpha -o "$scratch/x.png"
says 'the alpha channel is missing'
ends_with 2 "${paint[@]}" "$in/photo.png" "$in/photo.png" -o "$scratch/x.png"
says 'is its own mask'

step "transparent pixels show the background in a JPEG, which is white by default"
for background in '' '#ff0000'; do
  ends_with 0 "${paint[@]}" "$in/hidden.png" "$in/mask.png" -o "$scratch/flat.jpg" ${background:+--background "$background"}
  says "transparent pixels show the background ${background:-#ffffff}"
  # Converts to PNG, to read the pixel in the corner.
  ends_with 4 "${paint[@]}" "$scratch/flat.jpg" "$in/black.png" -o "$scratch/flat.png"
  read -r red green blue <<<"$(python3 "$here/png.py" pixel "$scratch/flat.png" 3 2)"
  [ "$red" -gt 240 ]
  if [ -n "$background" ]; then [ "$green" -lt 15 ] && [ "$blue" -lt 15 ]; else [ "$green" -gt 240 ] && [ "$blue" -gt 240 ]; fi
done

step "a PNG keeps its depth and its chunks, and with an empty mask it is copied"
ends_with 0 "${paint[@]}" "$in/deep.png" "$in/mask.png" -o "$scratch/deep.png"
says_nothing
[ "$(head -c 26 "$in/deep.png" | od -An -tx1)" = "$(head -c 26 "$scratch/deep.png" | od -An -tx1)" ]
grep -qa 'gAMA' "$scratch/deep.png"
grep -qa 'a picture in linear light' "$scratch/deep.png"
ends_with 4 "${paint[@]}" "$in/deep.png" "$in/black.png" -o "$scratch/same.png"
cmp "$in/deep.png" "$scratch/same.png"
ends_with 0 "${paint[@]}" "$in/deep.png" "$in/mask.png" -o "$scratch/deep.webp"
says '^note: the samples of the PNG have 16 bits'

step "a JPEG or PNG without its end marker is read, and a file with missing rows is refused"
ends_with 4 "${paint[@]}" "$in/photo.png" "$in/black.png" -o "$scratch/whole.jpg"
for file in "$scratch/whole.jpg 2" "$in/photo.png 12"; do
  read -r name missing <<<"$file"
  head -c "-$missing" "$name" >"$scratch/cut"
  ends_with 0 "${paint[@]}" "$scratch/cut" "$in/mask.png" -o "$scratch/cut.png"
  head -c -40 "$name" >"$scratch/cut"
  ends_with 1 "${paint[@]}" "$scratch/cut" "$in/mask.png" -o "$scratch/none.png"
  [ ! -e "$scratch/none.png" ]
done

step "results are written to standard output, devices, pipes, links and missing folders, and keep the mode of a file"
ends_with 0 "${paint[@]}" - "$in/mask.png" -o - <"$in/photo.png"
cmp "$scratch/right.png" "$scratch/out"
(cd "$scratch" && [ ! -e ./- ])
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o /dev/null --format png
[ -c /dev/null ]
mkfifo "$scratch/pipe"
cat "$scratch/pipe" >"$scratch/piped.png" &
reader=$!
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o "$scratch/pipe" --format png
wait "$reader"
cmp "$scratch/right.png" "$scratch/piped.png"
[ -p "$scratch/pipe" ]
touch "$scratch/private.png"
chmod 600 "$scratch/private.png"
ln -s private.png "$scratch/link.png"
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o "$scratch/link.png"
[ -L "$scratch/link.png" ] && [ "$(stat -c %a "$scratch/private.png")" = 600 ]
cmp "$scratch/right.png" "$scratch/private.png"
ends_with 0 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o "$scratch/new/folder/x.png"
cmp "$scratch/right.png" "$scratch/new/folder/x.png"

step "every program refuses an output that cannot be written before it computes anything"
ends_with 1 "${paint[@]}" "$in/photo.png" "$in/mask.png" -o "$in/photo.png/x.png" --progress
says 'cannot be written: Not a directory'
[ "$(wc -l <"$scratch/err")" -eq 1 ]
ends_with 1 "$bin/inpaint-load" --requests 1 --json "$in/photo.png/x.json" --server nats://127.0.0.1:1
says 'cannot be written: Not a directory'
ends_with 1 "$bin/lama-bench" --json "$in/photo.png/x.json"
says 'cannot be written: Not a directory'

step "in one folder with pictures and masks no picture is its own mask, and skipped files are listed"
both=$scratch/both
mkdir -p "$both/subfolder"
cp "$in/photo.png" "$both/a.png"
cp "$in/mask.png" "$both/a_mask.png"
ends_with 1 "${paint[@]}" --images "$both" --masks "$both" -o "$scratch/results"
cmp "$scratch/right.png" "$scratch/results/a.png"
[ "$(ls "$scratch/results")" = a.png ]
says 'subfolder: left out, because it is a folder'
rmdir "$both/subfolder"
ends_with 0 "${paint[@]}" --images "$both" --masks "$both" -o "$both/results"
says '^1 done, in'
cp "$in/photo.png" "$both/b.png"
cp "$in/mask.png" "$both/c_mask.png"
touch "$both/notes.txt"
ln -s nowhere.png "$both/d.png"
ends_with 1 "${paint[@]}" --images "$both" --masks "$both" -o "$both/results"
says 'b.png: skipped, because it has no mask'
says 'c_mask.png: left out, because it is a mask by its name, and no picture is called c'
says 'notes.txt: left out'
says 'd.png: left out, because it is a link to a file that does not exist'
says '^0 done, 1 already there, 1 without a mask, 3 left out, in'

step "a picture with two masks is skipped with the reason, and an empty mask is counted"
mkdir "$scratch/images" "$scratch/masks"
for name in a b; do cp "$in/photo.png" "$scratch/images/$name.png"; done
cp "$in/mask.png" "$scratch/masks/a.png"
cp "$in/mask.png" "$scratch/masks/a.jpg"
cp "$in/black.png" "$scratch/masks/b.png"
ends_with 1 "${paint[@]}" --images "$scratch/images" --masks "$scratch/masks" -o "$scratch/two"
says 'a.png: left out, because it has two masks'
says 'b.png: warning: the mask has no hole'
says '^1 done, 1 of them with an empty mask, 1 left out, in'
rm "$scratch/masks/a.jpg"
ends_with 4 "${paint[@]}" --images "$scratch/images" --masks "$scratch/masks" -o "$scratch/two/again"
mkdir "$scratch/empty"
ends_with 1 "${paint[@]}" --images "$scratch/empty" --masks "$scratch/masks" -o "$scratch/two"
says 'has no picture to fill'
ends_with 2 "${paint[@]}" --images "$scratch/images" --masks "$scratch/masks" -o "$scratch/masks"
says 'the output folder is the folder of the masks'

step "metadata of a JPEG survives, and its thumbnail does not"
if command -v exiftool >/dev/null; then
  ends_with 4 "${paint[@]}" "$in/photo.png" "$in/black.png" -o "$scratch/plain.jpg"
  python3 "$here/png.py" profile "$scratch/small.icc"
  exiftool -q -overwrite_original -Artist=Ann -Model=Camera -DateTimeOriginal='2020:01:02 03:04:05' -GPSLatitude=1.5 \
    -XMP-dc:Title=Title -XMP-xmp:Rating=3 -IPTC:City=Town -Comment='a comment' "-ICC_Profile<=$scratch/small.icc" \
    "-ThumbnailImage<=$scratch/plain.jpg" "$scratch/plain.jpg"
  # The properties of the file on the disk differ in any case, and so do those which exiftool computes.
  list() { exiftool -a -u -G1 -s "$@" --System:all --Composite:all --ExifTool:all; }
  # tag FILE NAME: prints the value of a tag.
  tag() { exiftool -s3 "-$2" "$1"; }
  [ -n "$(tag "$scratch/plain.jpg" ThumbnailLength)" ]
  ends_with 0 "${paint[@]}" "$scratch/plain.jpg" "$in/mask.png" -o "$scratch/retouched.jpg"
  says '^note: thumbnails'
  [ -z "$(tag "$scratch/retouched.jpg" ThumbnailLength)" ]
  [ "$(tag "$scratch/retouched.jpg" Artist)" = Ann ]
  [ "$(tag "$scratch/retouched.jpg" XMP-dc:Title)" = Title ]
  [ "$(tag "$scratch/retouched.jpg" Comment)" = 'a comment' ]
  exiftool -b -ICC_Profile "$scratch/retouched.jpg" | cmp - "$scratch/small.icc"
  # The directory of the thumbnail, IFD1, is all that differs.
  diff <(list "$scratch/plain.jpg" --IFD1:all) <(list "$scratch/retouched.jpg")
else
  echo "left out, because exiftool is missing; install libimage-exiftool-perl"
fi

step "pictures that the service fills have the same warnings and notes"
start_service "$bin"
ends_with 4 "$bin/inpaint" "$in/photo.png" "$in/black.png" -o "$scratch/x.png" --server "$url" --timeout 10min
says '^warning: the mask has no hole'
ends_with 0 "$bin/inpaint" "$in/photo.png" "$in/labels.png" -o "$scratch/x.png" --server "$url" --timeout 10min
says '^note: the mask has the values 0 and 1 only'
cmp "$scratch/right.png" "$scratch/x.png"

step "the service and --local give the same file from a PNG of 16 bits, and from one with alpha"
ends_with 0 "$bin/inpaint" "$in/deep.png" "$in/mask.png" -o "$scratch/x.png" --server "$url"
cmp "$scratch/deep.png" "$scratch/x.png"
ends_with 0 "${paint[@]}" "$in/hidden.png" "$in/mask.png" -o "$scratch/filled.png" --alpha fill
ends_with 0 "$bin/inpaint" "$in/hidden.png" "$in/mask.png" -o "$scratch/x.png" --alpha fill --server "$url"
cmp "$scratch/filled.png" "$scratch/x.png"
