#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the first line of each source, script and build file, or the line after #!, is the licence line.

    tools/check_licences.py [--add] FILE...

With --add, the script adds missing lines.
"""
import pathlib
import sys

LICENCE = "SPDX-License-Identifier: Apache-2.0"
SLASHES = {".h", ".cpp", ".cu", ".cuh", ".js", ".mjs"}
HASHES = {".sh", ".py", ".cmake", ".toml", ".yml", ".yaml", ".conf", ".service", ".supp", ".gitignore", ".editorconfig",
          ".clang-format", ".clang-tidy", ".shellcheckrc"}
# Files without an extension.
HASHES_BY_NAME = {"CMakeLists.txt", "run"}
WITHOUT = {
    "config/inpaintd.toml",  # equal to the output of `inpaintd --print-config`
    "gateway/page/dist/app.js", "gateway/page/dist/mask_worker.js",  # built by `npm run build`
}


def comment_of(path):
    """The start of a comment in files of this kind; None for files that have no licence line."""
    file = pathlib.PurePath(path)
    if path in WITHOUT:
        return None
    kind = file.suffix or (file.name if file.name.startswith(".") else "")
    if kind in SLASHES:
        return "//"
    if kind in HASHES or file.name in HASHES_BY_NAME:
        return "#"
    return None


def main(arguments):
    add = arguments[:1] == ["--add"]
    missing = []
    for path in arguments[1:] if add else arguments:
        comment = comment_of(path)
        if comment is None:
            continue
        text = pathlib.Path(path).read_text(encoding="utf-8")
        lines = text.split("\n")
        place = 1 if lines[0].startswith("#!") else 0
        wanted = f"{comment} {LICENCE}"
        if lines[place:place + 1] == [wanted]:
            continue
        missing.append(path)
        if add:
            lines.insert(place, wanted)
            pathlib.Path(path).write_text("\n".join(lines), encoding="utf-8")
    for path in missing:
        print(f"  {path}: the licence line {'was added' if add else 'is missing; run tools/check_licences.py --add'}")
    return 1 if missing and not add else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
