#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Learns the steps of initial.py's smooth fill and writes solver.json beside this file.

    solver.py --data DIR [--blocks 10]

A network of ten blocks has time for about ten steps on each grid, far from the hundreds that a harmonic fill takes, and the classical
choice of step sizes, Chebyshev's, leaves a ripple in every frequency. So it is only the beginning here: the weight of every distance in every
step is fitted, 18 coarse steps with two numbers each and seven fine ones with fourteen, to what a multigrid solver finds for photographs and
training masks. Takes about five minutes on one core.
"""
import argparse
import json
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from initial import FINE_BLOCKS, LUMA, REACH, stencil
from masks import training_mask


def luma(image):
    return (image * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def cells(image, mask, side):
    """(mean of each cell without hole pixels or else its first known quarter [b, c, h, w], 1 where there is one [b, 1, h, w])."""
    quarter = side // 2
    known, colour = 1 - F.max_pool2d(mask, quarter), F.avg_pool2d(image, quarter)
    known, colour = (F.pixel_unshuffle(t, 2).view(len(t), t.shape[1], 4, *(n // 2 for n in t.shape[2:])) for t in (known, colour))
    value, taken = torch.zeros_like(colour[:, :, 0]), torch.zeros_like(known[:, :, 0])
    for number in range(4):
        value = value + known[:, :, number] * (1 - taken) * colour[:, :, number]
        taken = torch.maximum(taken, known[:, :, number])
    whole = known.prod(2)
    return whole * colour.mean(2) + (1 - whole) * value, taken


def spread(grid, sides):
    return F.interpolate(grid, scale_factor=sides, mode="bilinear", align_corners=False)


def apply(grid, hole, kernel):
    reach, count = kernel.shape[0] // 2, grid.shape[1]
    padded = F.pad(grid, (reach,) * 4, mode="reflect")
    return grid + hole * F.conv2d(padded, kernel.expand(count, 1, *kernel.shape), groups=count)


def harmonic(grid, hole, sweeps=60):
    """The fill where every hole cell is the mean of its neighbours: coarser grids first, then relaxation."""
    kernel = torch.full((3, 3), 1 / 8)
    kernel[1, 1] = -1
    if min(grid.shape[2:]) > 8:
        known = F.avg_pool2d(1 - hole, 2)
        small = F.avg_pool2d(grid * (1 - hole), 2) / (known + 1e-9)
        grid = torch.where(hole > 0, spread(harmonic(small, (known == 0).float(), sweeps), 2), grid)
    for _ in range(sweeps):
        grid = apply(grid, hole, kernel)
    return grid


def chebyshev_steps(count, low, high):
    """Step sizes for the eigenvalues low..high of (identity - mean of neighbours).

    Leja's order: each next root is the one where the product so far is largest, which keeps intermediate values small.
    """
    roots = [(high + low) / 2 - (high - low) / 2 * math.cos(math.pi * (2 * j + 1) / (2 * count)) for j in range(count)]
    chosen = [roots.pop()]
    while roots:
        chosen.append(max(roots, key=lambda r: math.prod(abs(1 - r / c) for c in chosen)))
        roots.remove(chosen[-1])
    return [1 / root for root in chosen]


class Steps(nn.Module):
    def __init__(self, coarse, fine):
        super().__init__()
        late = 2 * FINE_BLOCKS  # steps whose smooth errors are found already
        sizes = chebyshev_steps(coarse - late, 0.015, 1.5) + chebyshev_steps(late, 0.05, 1.5)
        self.coarse = nn.ParameterList(nn.Parameter(torch.full((2,), size / 8)) for size in sizes)
        near = torch.tensor([1 / 24] * 5 + [0.0] * 9)  # 5x5 cells
        self.fine = nn.ParameterList(nn.Parameter(size * near) for size in chebyshev_steps(fine, 0.1, 1.25))

    def forward(self, colour, colour_hole, fine, fine_hole):
        """Returns the coarse grid after all steps and the fine grid, which begins with the coarse one after the blocks before it."""
        for number, weights in enumerate(self.coarse):
            if number == len(self.coarse) - 2 * FINE_BLOCKS:
                fine = fine * (1 - fine_hole) + spread(luma(colour), 4) * fine_hole
            colour = apply(colour, colour_hole, self.kernel(weights, 1))
        for weights in self.fine:
            fine = apply(fine, fine_hole, self.kernel(weights, REACH))
        return colour, fine

    @staticmethod
    def kernel(weights, reach):
        return torch.stack([torch.as_tensor(w) for _, _, w in sorted(stencil(weights, reach), key=lambda t: t[:2])]).view(2 * reach + 1, -1)

    def write(self, path):
        numbers = {name: [[round(v, 5) for v in p.tolist()] for p in steps] for name, steps in (("coarse", self.coarse), ("fine", self.fine))}
        with open(path, "w") as file:
            json.dump(numbers, file, indent=0)
            file.write("\n")


@torch.no_grad()
def case(crops, random, count):
    image = torch.stack([torch.from_numpy(crops[i].copy()) for i in random.choice(len(crops), count)]).permute(0, 3, 1, 2).float() / 255
    mask = torch.from_numpy(np.stack([training_mask(image.shape[2], random)[None] for _ in range(count)])).float()
    colour, known = cells(image, mask, 8)
    mean = (colour * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True)
    colour, hole = colour * known + mean * (1 - known), 1 - known
    fine, fine_known = cells(luma(image), mask, 2)
    goal = harmonic(colour, hole)
    fine_goal = harmonic(fine * fine_known + spread(luma(goal), 4) * (1 - fine_known), 1 - fine_known)
    return colour, hole, fine, 1 - fine_known, goal, fine_goal


def loss(steps, colour, hole, fine, fine_hole, goal, fine_goal):
    """L1 of both grids in the hole; on the fine one also of its slopes, because a ripple is seen, and squares, because a far error is."""
    coarse, found = steps(colour, hole, fine, fine_hole)
    error = found - fine_goal
    slopes = error.diff(dim=2).abs().sum() + error.diff(dim=3).abs().sum()
    return ((error.abs() + 10 * error.square()).sum() + 2 * slopes) / fine_hole.sum() + 0.1 * (coarse - goal).abs().sum() / hole.sum()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--blocks", type=int, default=10)
    arguments.add_argument("--iterations", type=int, default=1200)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)

    steps = Steps(2 * (options.blocks - 1), 2 * FINE_BLOCKS - 1)
    optimiser = torch.optim.Adam(steps.parameters(), 8e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 8e-3, options.iterations, pct_start=0.1)
    random = np.random.default_rng(5)
    crops = np.load(os.path.join(options.data, "crops-512.npy"), mmap_mode="r")
    cases = [case(crops, random, 2) for _ in range(100)]
    losses = []
    for number in range(options.iterations):
        optimiser.zero_grad()
        value = loss(steps, *cases[number % len(cases)])
        value.backward()
        nn.utils.clip_grad_norm_(steps.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(value.item())
        if (number + 1) % len(cases) == 0:
            print(f"{number + 1} of {options.iterations}: {np.mean(losses):.4f}", flush=True)
            losses = []
    steps.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "solver.json"))


if __name__ == "__main__":
    main()
