#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the fills of inpaint with MI-GAN with those of the original pipeline, in levels of 255.

The cases are those of `evaluate.py --cases DIR`, 512x512, and migan.js has filled them. The original pipeline softens
its fill over the two pixels beside a hole's edge and inpaint does not, so pixels nearer to the edge than three are not
compared. Exits with 1 if a sample differs by more than one level.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy

SIDE = 512


def fill(inpaint, model, picture, hole, folder):
    """The picture with its hole filled by inpaint, [3, SIDE, SIDE] as RGB."""
    image, mask, result = (str(folder / name) for name in ("image.png", "mask.png", "result.png"))
    cv2.imwrite(image, picture[::-1].transpose(1, 2, 0))
    cv2.imwrite(mask, hole)
    subprocess.run([inpaint, "--local", "--model", model, "--strategy", "whole", image, mask, "-o", result], check=True)
    return cv2.imread(result).transpose(2, 0, 1)[::-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=pathlib.Path, help="folder of NAME.picture, NAME.mask and NAME.migan")
    parser.add_argument("model", help="a file of MI-GAN-512 in fp32, such as migan_pipeline_v2.onnx")
    parser.add_argument("--inpaint", default="build/release/bin/inpaint")
    options = parser.parse_args()
    worst = samples = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in sorted(options.cases.glob("*.migan")):
            planes = [numpy.fromfile(case.with_suffix(kind), numpy.uint8) for kind in (".picture", ".migan")]
            picture, original = (plane.reshape(3, SIDE, SIDE) for plane in planes)
            hole = numpy.fromfile(case.with_suffix(".mask"), numpy.uint8).reshape(SIDE, SIDE)
            hole = (hole > 0).astype(numpy.uint8) * 255
            ours = fill(options.inpaint, options.model, picture, hole, pathlib.Path(folder))
            inside = cv2.erode(hole, numpy.ones((7, 7), numpy.uint8)) > 0
            difference = numpy.abs(ours.astype(int) - original.astype(int))[:, inside]
            if not difference.size:
                continue
            worst, samples = max(worst, int(difference.max())), samples + difference.size
            print(f"{case.stem}: largest difference {difference.max()}, "
                  f"{100 * (difference > 0).mean():.2f} % of {difference.size} samples differ")
    print(f"largest difference {worst} of {samples} samples")
    return 1 if worst > 1 or not samples else 0


if __name__ == "__main__":
    sys.exit(main())
