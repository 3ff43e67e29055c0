# SPDX-License-Identifier: Apache-2.0
"""Random hole masks in the manner of the LaMa paper: thick polygonal strokes and boxes. uint8 [side, side], 1 = hole."""
import cv2
import numpy as np


def stroke(mask, random, narrow, wide):
    """A wandering polyline; widths are fractions of the picture's side."""
    side = mask.shape[0]
    width = max(1, round(side * random.uniform(narrow, wide)))
    point = random.uniform(0, side, 2)
    angle = random.uniform(0, 2 * np.pi)
    for _ in range(random.integers(1, 6)):
        angle += random.uniform(-1.2, 1.2)
        end = np.clip(point + side * random.uniform(0.08, 0.35) * np.array([np.cos(angle), np.sin(angle)]), 0, side - 1)
        a, b = tuple(int(v) for v in point), tuple(int(v) for v in end)
        cv2.line(mask, a, b, 1, width)
        cv2.circle(mask, b, width // 2, 1, -1)
        point = end


def box(mask, random, small, large):
    side = mask.shape[0]
    height, width = (int(side * random.uniform(small, large)) for _ in range(2))
    y, x = random.integers(0, side - height + 1), random.integers(0, side - width + 1)
    mask[y:y + height, x:x + width] = 1


def training_mask(side, random, least=0.04, most=0.55):
    """A mask of strokes, boxes or both that covers between `least` and `most` of the picture.

    Widths are drawn in pixels: a crop is a window of a 512x512 picture, whose holes are as wide whatever the window.
    """
    while True:
        mask = np.zeros((side, side), np.uint8)
        kind = random.random()
        if kind < 0.65:
            thin = random.random() < 0.5
            narrow, wide = (3, 16) if thin else (20, 64)
            for _ in range(random.integers(1, 30 if thin else 6)):
                stroke(mask, random, narrow / side, min(wide / side, 0.4))
        if kind > 0.55:
            for _ in range(random.integers(1, 4)):
                box(mask, random, 24 / side, min(200 / side, 0.7))
        if least <= mask.mean() <= most:
            return mask


def evaluation_mask(side, kind, share, seed):
    """A fixed mask: `thin` or `thick` strokes or `boxes`, added until they cover `share` of the picture (within two percent)."""
    random = np.random.default_rng(seed)
    mask = np.zeros((side, side), np.uint8)
    while mask.mean() < share - 0.02:
        grown = mask.copy()
        if kind == "boxes":
            box(grown, random, 0.1, 0.4)
        else:
            stroke(grown, random, *((0.008, 0.015) if kind == "thin" else (0.06, 0.12)))
        if grown.mean() < share + 0.02:
            mask = grown
    return mask
