#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares ways to plan the windows of the network by their cost and by the quality of the fills.

    tiling.py --data DIR CONFIGURATION...

A CONFIGURATION is NAME=STRATEGY[,KEY=VALUE...] with settings of inpaintd, such as whole=whole or quarter=crop,image.context=0.25;
NAME@BIN_FOLDER=... runs the programs of another build. The first configuration is the baseline.

DIR holds the photographs that models/training/data.sh downloads. The pictures are parts of 700 to 1300 pixels of these
photographs, with one hole of each of three sizes. Prints for each configuration the seconds per picture, and medians over all pictures of: the PSNR of the fill minus that
of the first configuration, and the perceptual distance (perceptual.py) divided by that of the first configuration. Needs Debian's
python3-torch and python3-opencv.
"""
import argparse
import contextlib
import glob
import os
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np
import torch
from loopback import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "models/training"))
from perceptual import ResNetFeatures, distance, normalised  # noqa: E402

HOLES = (0.12, 0.25, 0.45)  # of the picture's short side
SEED = 17


def photographs(data):
    pattern = os.path.join(data, "root/mate-backgrounds/usr/share/backgrounds/mate/*/*.jpg")
    for path in sorted(glob.glob(pattern)):
        picture = cv2.imread(path, cv2.IMREAD_COLOR)
        if picture is not None and min(picture.shape[:2]) >= 700:
            yield picture


def blob(random, side):
    """An object's outline: a few ellipses that overlap, in a square of `side` pixels that they touch on all sides."""
    mask = np.zeros((side, side), np.uint8)
    for _ in range(4):
        axes = random.uniform(0.2, 0.45, 2) * side
        centre = random.uniform(0.3, 0.7, 2) * side
        cv2.ellipse(mask, tuple(int(v) for v in centre), tuple(int(v) for v in axes), random.uniform(0, 180), 0, 360, 255, -1)
    ys, xs = np.nonzero(mask)
    return cv2.resize(mask[ys.min():ys.max() + 1, xs.min():xs.max() + 1], (side, side), interpolation=cv2.INTER_NEAREST)


def cases(data, count):
    """Pairs of a picture and its mask."""
    random = np.random.default_rng(SEED)
    pictures = list(photographs(data))
    for number in range(count):
        picture = pictures[number % len(pictures)]
        for share in HOLES:
            width, height = (int(v) for v in random.integers(700, 1301, 2))
            scale = max(width / picture.shape[1], height / picture.shape[0], 0.5)
            part = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale != 1 else picture
            y = random.integers(0, part.shape[0] - height + 1)
            x = random.integers(0, part.shape[1] - width + 1)
            part = np.ascontiguousarray(part[y:y + height, x:x + width])
            side = int(share * min(width, height))
            mask = np.zeros((height, width), np.uint8)
            top, left = random.integers(0, height - side + 1), random.integers(0, width - side + 1)
            mask[top:top + side, left:left + side] = blob(random, side)
            yield part, mask


class Configuration:
    def __init__(self, text, default_bin):
        name, _, rest = text.partition("=")
        self.name, _, folder = name.partition("@")
        self.bin = folder or default_bin
        self.strategy, *self.settings = rest.split(",")

    def run(self, folder, out):
        """Fills all pictures of `folder`; returns seconds per picture."""
        url = f"nats://127.0.0.1:{free_port()}"
        settings = [part for each in ["http.listen=", "nats.url=" + url, *self.settings] for part in ("--set", each)]
        with open(out + ".log", "w+", encoding="utf-8") as log:
            service = subprocess.Popen([os.path.join(self.bin, "inpaintd"), "--start-nats", *settings], stdout=log, stderr=log)
            try:
                while "serving" not in open(out + ".log", encoding="utf-8").read():
                    if service.poll() is not None:
                        sys.exit(open(out + ".log", encoding="utf-8").read())
                    time.sleep(0.1)
                begin = time.monotonic()
                subprocess.run([os.path.join(self.bin, "inpaint"), "--server", url, "--images", os.path.join(folder, "images"),
                                "--masks", os.path.join(folder, "masks"), "-o", out, "--strategy", self.strategy,
                                "--timeout", "10min", "--concurrency", "1"], check=True, stderr=log)
                return (time.monotonic() - begin) / len(os.listdir(out))
            finally:
                service.terminate()
                service.wait()


def around(mask, margin=32):
    ys, xs = np.nonzero(mask)
    return (slice(max(0, ys.min() - margin), ys.max() + margin), slice(max(0, xs.min() - margin), xs.max() + margin))


def tensor(picture):
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1].transpose(2, 0, 1))).float()[None] / 255


def measure(network, picture, filled, mask):
    hole = mask > 0
    error = ((filled[hole].astype(np.float64) - picture[hole]) ** 2).mean()
    part = around(mask)
    with torch.no_grad():
        target = normalised(network(tensor(picture[part])))
        perceptual = distance(network, tensor(filled[part]), target).item() / hole[part].mean()
    return 10 * np.log10(255 ** 2 / max(error, 1e-3)), perceptual


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("configurations", nargs="*", metavar="CONFIGURATION")
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--bin", default=os.path.join(ROOT, "build/release/bin"))
    arguments.add_argument("--photographs", type=int, default=28)
    arguments.add_argument("--sheet", help="write a contact sheet of the surroundings of some holes: original, hole, one column each")
    arguments.add_argument("--keep", help="write the pictures and masks to this folder's images/ and masks/, and keep them")
    options = arguments.parse_args()
    configurations = [Configuration(text, options.bin) for text in options.configurations]
    network = ResNetFeatures(os.path.join(options.data, "package/ResNet50"))
    with contextlib.nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as folder:
        for name in ("images", "masks"):
            os.makedirs(os.path.join(folder, name))
        originals = list(cases(options.data, options.photographs))
        for number, (picture, mask) in enumerate(originals):
            cv2.imwrite(os.path.join(folder, f"images/{number:03}.png"), picture)
            cv2.imwrite(os.path.join(folder, f"masks/{number:03}.png"), mask)
        measured, fills = [], []
        for configuration in configurations:
            out = os.path.join(folder, configuration.name)
            os.mkdir(out)
            seconds = configuration.run(folder, out)
            filled = [cv2.imread(os.path.join(out, f"{number:03}.png")) for number in range(len(originals))]
            values = np.array([measure(network, picture, each, mask) for (picture, mask), each in zip(originals, filled)])
            measured.append(values)
            fills.append(filled)
            psnr = np.median(values[:, 0] - measured[0][:, 0])
            ratios = values[:, 1] / measured[0][:, 1]
            by_hole = "  ".join(f"{share:.2f}: {np.median(ratios[i::len(HOLES)]):.3f}" for i, share in enumerate(HOLES))
            print(f"{configuration.name:12} {seconds:7.3f} s/picture   PSNR {psnr:+.2f} dB   perceptual {np.median(ratios):.3f}   "
                  f"by size of the hole {by_hole}", flush=True)
        if options.sheet:
            rows = []
            for number in range(0, len(originals), max(1, len(originals) // 12)):
                picture, mask = originals[number]
                part = around(mask, 64)
                holed = picture.copy()
                holed[mask > 0] = (255, 0, 255)
                rows.append(np.hstack([cv2.resize(each[part], (256, 256), interpolation=cv2.INTER_AREA)
                                       for each in (picture, holed, *(filled[number] for filled in fills))]))
            cv2.imwrite(options.sheet, np.vstack(rows))


main()
