#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure fills on photographs that were not trained on, beside the classical methods.

    evaluate.py WEIGHTS --data DIR [--sheet sheet.png] [--photographs N] [--methods ours ...]
    evaluate.py --inpaint PROGRAM --models FILE ... --data DIR ...

WEIGHTS is a safetensors file or a checkpoint of a LaMa, which PyTorch computes; it is the method "ours". --models are model files of any
network, which the program inpaint runs with --local; each is a method named like its file. The photographs are the 12 nature pictures of mate-backgrounds under DIR/root, cropped to
512x512, or with --held-out crops of landscapes that prepare.py keeps from the training; the masks are fixed. Prints medians over the
photographs. PSNR and SSIM count hole pixels only; "perceptual" is the ResNet50 distance of perceptual.py x1000, divided by the hole's
share (it is not LPIPS); "colour" is the largest difference of the hole's mean colour, in 8-bit levels.
"""
import argparse
import functools
import glob
import itertools
import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np
import torch

from export import load_generator
from masks import evaluation_mask
from perceptual import ResNetFeatures, distance, normalised

SIDE = 512
KINDS = ("thin", "thick", "boxes")
SHARES = (0.10, 0.25, 0.40)


def photographs(data):
    for path in sorted(glob.glob(os.path.join(data, "root/mate-backgrounds/usr/share/backgrounds/mate/nature/*.jpg"))):
        picture = cv2.imread(path, cv2.IMREAD_COLOR)
        ratio = SIDE / min(picture.shape[:2])
        picture = cv2.resize(picture, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
        y, x = (picture.shape[0] - SIDE) // 2, (picture.shape[1] - SIDE) // 2
        yield np.ascontiguousarray(picture[y:y + SIDE, x:x + SIDE])


def held_out(data):
    """One crop of each photograph."""
    return (np.ascontiguousarray(crop[:, :, ::-1]) for crop in np.load(os.path.join(data, "held-512.npy")))


def tensor(picture):
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1].transpose(2, 0, 1))).float()[None] / 255


def mean_fill(picture, mask):
    filled = picture.copy()
    filled[mask > 0] = picture[mask == 0].mean(0)
    return filled


def network_fill(generator):
    def fill(picture, mask):
        with torch.no_grad():
            out = generator(tensor(picture), torch.from_numpy(mask).float()[None, None])[0]
        out = (out * 255).clamp(0, 255).byte().numpy().transpose(1, 2, 0)[:, :, ::-1]
        return np.where(mask[..., None] > 0, out, picture)
    return fill


def program_fill(program, model):
    """The fill by `program --local --model model`, as a user gets it."""
    def fill(picture, mask):
        with tempfile.TemporaryDirectory() as folder:
            names = [os.path.join(folder, name) for name in ("picture.png", "mask.png", "result.png")]
            cv2.imwrite(names[0], picture)
            cv2.imwrite(names[1], (mask > 0).astype(np.uint8) * 255)
            subprocess.run([program, *names[:2], "-o", names[2], "--local", "--model", model], check=True, stdout=subprocess.DEVNULL)
            return cv2.imread(names[2], cv2.IMREAD_COLOR)
    return fill


def case_file(folder, number, kind, share):
    return os.path.join(folder, f"{number:02}-{kind}-{100 * share:.0f}")


def write_case(path, picture, mask):
    """For migan.js: RGB planes and the mask as plain bytes."""
    picture[:, :, ::-1].transpose(2, 0, 1).tofile(path + ".picture")
    mask.tofile(path + ".mask")


def read_fill(path, picture, mask):
    filled = np.fromfile(path, np.uint8).reshape(3, SIDE, SIDE).transpose(1, 2, 0)[:, :, ::-1]
    return np.where(mask[..., None] > 0, filled, picture)


def ssim(a, b):
    """The SSIM map of two grey float pictures (Wang et al. 2004: 11x11 Gaussian, sigma 1.5)."""
    def blur(x):
        return cv2.GaussianBlur(x, (11, 11), 1.5)
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b, cov = blur(a * a) - mean_a ** 2, blur(b * b) - mean_b ** 2, blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return ((2 * mean_a * mean_b + c1) * (2 * cov + c2)) / ((mean_a ** 2 + mean_b ** 2 + c1) * (var_a + var_b + c2))


def measure(picture, filled, mask, network, target):
    hole = mask > 0
    difference = filled[hole].astype(np.float64) - picture[hole]
    greys = [cv2.cvtColor(x, cv2.COLOR_BGR2GRAY).astype(np.float64) for x in (picture, filled)]
    with torch.no_grad():
        perceptual = distance(network, tensor(filled), target).item() / mask.mean()
    return (10 * np.log10(255 ** 2 / max((difference ** 2).mean(), 1e-3)), ssim(*greys)[hole].mean(), 1000 * perceptual,
            np.abs(difference.mean(0)).max())


def sheet_row(picture, mask, fills):
    holed = picture.copy()
    holed[mask > 0] = (255, 0, 255)
    return np.hstack([cv2.resize(x, (256, 256), interpolation=cv2.INTER_AREA) for x in (picture, holed, *fills)])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("weights", nargs="?")
    arguments.add_argument("--inpaint", help="the built program inpaint, for --models")
    arguments.add_argument("--models", nargs="+", default=[], help="model files of any network, which --inpaint runs")
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--sheet", help="write a contact sheet: picture, hole, then one column for each method")
    arguments.add_argument("--photographs", type=int, default=12, help="how many, for a quicker look")
    arguments.add_argument("--held-out", action="store_true", help="landscapes of the training's kind instead")
    arguments.add_argument("--kinds", nargs="+", default=KINDS)
    arguments.add_argument("--shares", nargs="+", type=float, default=SHARES)
    arguments.add_argument("--methods", nargs="+", help="those to measure; all, if left out")
    arguments.add_argument("--cases", help="write pictures and masks to this folder, for migan.js, and measure nothing")
    arguments.add_argument("--migan", help="measure the fills that migan.js left in this folder, too")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    options = arguments.parse_args()
    if options.models and not options.inpaint:
        arguments.error("--models needs the program that runs them; add --inpaint PROGRAM")
    torch.set_num_threads(options.threads)

    methods = {
        "mean": mean_fill,
        "telea": lambda picture, mask: cv2.inpaint(picture, mask, 5, cv2.INPAINT_TELEA),
        "navier-stokes": lambda picture, mask: cv2.inpaint(picture, mask, 5, cv2.INPAINT_NS),
    }
    if options.weights:
        methods["ours"] = network_fill(load_generator(options.weights))
    for model in options.models:
        methods[os.path.splitext(os.path.basename(model))[0]] = program_fill(options.inpaint, model)
    options.methods = options.methods or list(methods) + (["migan"] if options.migan else [])
    network = ResNetFeatures(os.path.join(options.data, "package/ResNet50")).eval()
    source = held_out if options.held_out else photographs
    results, rows = {}, []
    for number, picture in enumerate(itertools.islice(source(options.data), options.photographs)):
        with torch.no_grad():
            target = normalised(network(tensor(picture)))
        for kind, share in itertools.product(options.kinds, options.shares):
            mask = evaluation_mask(SIDE, kind, share, 1000 * number + int(100 * share))
            if options.cases:
                write_case(case_file(options.cases, number, kind, share), picture, mask)
                continue
            if options.migan:
                methods["migan"] = functools.partial(read_fill, case_file(options.migan, number, kind, share) + ".migan")
            shown = options.sheet and share == 0.25 and kind == KINDS[number % 3]
            fills = {name: fill(picture, mask) for name, fill in methods.items() if shown or name in options.methods}
            for name in options.methods:
                results.setdefault((kind, share, name), []).append(measure(picture, fills[name], mask, network, target))
            if shown:
                rows.append(sheet_row(picture, mask, fills.values()))
        print(f"\r{number + 1} photographs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)

    print(f"{'mask':6} {'hole':>4}  {'method':14} {'PSNR dB':>8} {'SSIM':>6} {'perceptual':>10} {'colour':>7}")
    for (kind, share, name), values in results.items():
        psnr, similarity, perceptual, colour = np.median(np.array(values), 0)
        print(f"{kind:6} {share:4.0%}  {name:14} {psnr:8.2f} {similarity:6.3f} {perceptual:10.0f} {colour:7.1f}")
    if rows:
        cv2.imwrite(options.sheet, np.vstack(rows))


if __name__ == "__main__":
    main()
