#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cut training crops from the photographs of a few Debian packages.

    prepare.py --data DIR

DIR/root/PACKAGE holds each unpacked package (data.sh fetches them). Writes DIR/crops-256.npy, uint8 [n, 256, 256, 3] RGB, and
DIR/crops-512.npy, which train.py maps into memory. Each photograph is cut at several scales: a hole in a 2-megapixel scene and one in a
thumbnail are both inpainting requests. Every HELD_OUT-th photograph goes into DIR/held-512.npy only, for evaluate.py --held-out.
"""
import argparse
import glob
import os

import cv2
import numpy as np

# For each side of a crop: short sides that a photograph is reduced to, with the number of crops taken at each.
SCALES = {256: {256: 2, 384: 4, 512: 8, 720: 6}, 512: {512: 2, 720: 4}}

HELD_OUT = 16

# What counts as training material in each package.
SOURCES = {
    "endless-sky-high-dpi": ("**/images/land/*.jpg", "**/images/scene/*.jpg"),
    "plasma-workspace-wallpapers": ("**/contents/images/*.jpg", "**/contents/images/*.png"),
    "enlightenment-data": ("**/backgrounds/*.edj",),
    "gnome-backgrounds": ("**/*.webp",),
}


def jpegs_inside(path):
    """The largest JPEG stored in an EET archive (.edj keeps the same picture in several sizes, each a plain JPEG stream)."""
    data = open(path, "rb").read()
    best, at = None, data.find(b"\xff\xd8\xff\xe0")
    while at >= 0:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8, offset=at), cv2.IMREAD_COLOR)
        if picture is not None and (best is None or picture.size > best.size):
            best = picture
        at = data.find(b"\xff\xd8\xff\xe0", at + 4)
    return best


def pictures(data):
    """Yields (path, BGR picture). A wallpaper that comes in several sizes counts once, at its largest."""
    for package, patterns in SOURCES.items():
        root = os.path.join(data, "root", package)
        paths = [p for pattern in patterns for p in glob.glob(os.path.join(root, pattern), recursive=True)]
        if package == "plasma-workspace-wallpapers":
            largest = {}
            for path in paths:
                folder = os.path.dirname(path)
                largest[folder] = max(largest.get(folder, path), path, key=os.path.getsize)
            paths = list(largest.values())
        for path in sorted(paths):
            yield path, jpegs_inside(path) if path.endswith(".edj") else cv2.imread(path, cv2.IMREAD_COLOR)


def cuts(picture, side, random):
    """Yields side x side crops of one picture at every scale that does not enlarge it, without nearly empty ones."""
    short = min(picture.shape[:2])
    for scale, count in SCALES[side].items():
        if scale > short:
            continue
        ratio = scale / short
        small = cv2.resize(picture, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
        for _ in range(count):
            y = random.integers(0, small.shape[0] - side + 1)
            x = random.integers(0, small.shape[1] - side + 1)
            crop = small[y:y + side, x:x + side]
            if crop.std(axis=(0, 1)).max() > 6:
                yield crop[:, :, ::-1]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()

    randoms, crops, files = {side: np.random.default_rng(options.seed) for side in SCALES}, {side: [] for side in SCALES}, 0
    held = []
    for path, picture in pictures(options.data):
        if picture is None or min(picture.shape[:2]) < min(SCALES):
            continue
        files += 1
        for side, random in randoms.items():
            found = [np.ascontiguousarray(crop) for crop in cuts(picture, side, random)]
            if files % HELD_OUT:
                crops[side].extend(found)
            elif side == 512:
                held.extend(found[:1])
        print(f"\r{files} pictures, {' and '.join(str(len(c)) for c in crops.values())} crops", end="", flush=True)
    for side, random in randoms.items():
        order = random.permutation(len(crops[side]))
        np.save(os.path.join(options.data, f"crops-{side}.npy"), np.stack([crops[side][i] for i in order]))
    np.save(os.path.join(options.data, "held-512.npy"), np.stack(held))
    print()


if __name__ == "__main__":
    main()
