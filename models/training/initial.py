# SPDX-License-Identifier: Apache-2.0
"""Starting weights that already fill holes smoothly.

From random weights a LaMa generator takes tens of thousands of steps before it even carries colours into a hole, far more than a CPU has.
Here some channels are set by hand so that the network begins as a classical method, harmonic filling on two grids. All other channels
are random and learn what that cannot do; in the decoder, to add to it.

- Encoder: f, the mean colour of every 8x8 cell, or where it holds hole pixels the colour of its first quarter without one; g, the luma
  of its 16 cells of 2x2 pixels, or of the first known pixel; and what is known: the number of quarters of an 8x8 cell that hold no hole
  pixel, and 1 for each cell of g with a known pixel.
- First block: the mean of f over the known cells, found as the zero frequency of a Fourier unit, goes into all unknown cells.
- Coarse blocks: each convolution adds a weighted sum of (neighbour - f) to the unknown cells.
- Fine blocks: unknown cells of g begin with the luma of f, then seven such steps on the fine grid join them to the known pixels.
- Decoder: unfolds g and adds the chroma of f.

solver.py has learned the weights of the neighbours, one set for each step.

Every value is relative to a middle grey and kept as two channels, max(v, 0) and max(-v, 0): ReLU lets nothing negative through. The rows
set by hand stay as they are during training (Frozen), and so does their way through the decoder up to the last layer.
"""
import json
import math
import os

import torch
from torch import nn

from lama import residual_blocks, transposed

GREY = 0.45
LUMA = (0.299, 0.587, 0.114)
CLOSED = 40.0  # pushes a ReLU below zero wherever a condition does not hold; at 100 fast kernels round by 0.1 levels beside it
# The decoder's logit, linear between these distances above and below GREY, where its slope changes by so much: half a level off on average.
KNOTS = ((0.0, 4.0849), (0.2437, 1.5246), (0.3908, 4.6529), (0.4916, 21.2425)), \
        ((0.0, 4.2561), (0.1731, 1.7522), (0.3047, 5.0874), (0.3963, 22.9721))
SMOOTHING = torch.tensor([1.0, 2.0, 1.0]) / 4  # along each axis in the last layer: makes bilinear enlargement of the squares of 2x2 pixels
FINE_BLOCKS = 4
REACH = 4  # of a step on the fine grid, in cells

# Local channels between the blocks, and inside a block for the first step's change.
PLUS, MINUS, KNOWN = range(0, 3), range(3, 6), 6
FINE_PLUS, FINE_MINUS, FINE_KNOWN = range(7, 23), range(23, 39), range(39, 55)
LOCAL, COARSE_ROWS = 55, 7  # blocks that leave the fine grid alone need the first few rows only inside
# Global channels before the first block: each quarter's colour where the quarters before it are unknown, the mean of all four less the
# first where all are known, a plane of ones.
QUARTER_PLUS, QUARTER_MINUS = ([range(6 * q + s, 6 * q + s + 3) for q in range(4)] for s in (0, 3))
REST_PLUS, REST_MINUS, ONES = range(24, 27), range(27, 30), 30
GLOBAL = 31
# After the second layer: each pixel's luma where the pixels before it are unknown, the mean less the first where all are known, no pixel known.
PIXEL, PIXEL_REST, NO_PIXEL, HALF = range(4, 8), (8, 9), 10, 11
# Global channels inside a block: copies of f and g as they came in; in the first block also the mean of f.
COPY_PLUS, COPY_MINUS, COPY_FINE_PLUS, COPY_FINE_MINUS = range(0, 3), range(3, 6), range(6, 22), range(22, 38)
MEAN_PLUS, MEAN_MINUS = range(38, 41), range(41, 44)


def learned_steps(blocks):
    """The weights of the neighbours for each step: two coarse ones in every block but the first, and on the fine grid one less than two in
    each of the last FINE_BLOCKS."""
    with open(os.path.join(os.path.dirname(__file__), "solver.json")) as file:
        coarse, fine = json.load(file).values()
    if len(coarse) != 2 * (blocks - 1):
        raise SystemExit(f"solver.json is for {len(coarse) // 2 + 1} blocks; run solver.py --blocks {blocks} first")
    return coarse, fine


class Frozen:
    """Rows of weights that the optimiser may not move: apply() puts them back."""

    def __init__(self):
        self.rows = []

    def add(self, parameter, rows):
        self.rows.append((parameter, rows, parameter.detach()[rows].clone()))

    @torch.no_grad()
    def apply(self):
        for parameter, rows, value in self.rows:
            parameter[rows] = value

    def agree(self):
        """Whether the weights have nearly these values: fp16 rounds them, and in an early run some could drift by 0.008."""
        return all(torch.allclose(parameter[rows], value, rtol=0.01, atol=0.01) for parameter, rows, value in self.rows)


def identity(norm, rows):
    """Makes BatchNorm the identity on these channels, for calibrate() too."""
    norm.weight[rows], norm.bias[rows] = 1, 0
    norm.running_mean[rows], norm.running_var[rows] = 0, 1 - norm.eps
    norm.by_hand = getattr(norm, "by_hand", []) + [rows]


class Rows:
    """Output channels of some convolutions that share a BatchNorm, set by hand: they read nothing yet, and BatchNorm is the identity."""

    def __init__(self, norm, rows, convolutions, frozen):
        identity(norm, rows)
        self.rows, self.frozen = rows, frozen
        self.parameters = [norm.weight, norm.bias] + [convolution.weight for convolution in convolutions]
        for convolution in convolutions:
            convolution.weight[rows] = 0

    def freeze(self):
        for parameter in self.parameters:
            self.frozen.add(parameter, self.rows)


class FirstRows(Rows):
    """The first rows of one branch of an FFC layer: `near` reads the local channels, `far` the global ones."""

    def __init__(self, norm, near, far, count, frozen):
        far = [] if far is None else [far if isinstance(far, nn.Conv2d) else far.conv2]
        super().__init__(norm, slice(count), [near] + far, frozen)
        self.norm, self.near, self.far, self.count = norm, near.weight, far[0].weight if far else None, count
        norm.solved = count


def local_rows(layer, count, frozen):
    return FirstRows(layer.bn_l, layer.ffc.convl2l, layer.ffc.convg2l, count, frozen)


def global_rows(layer, count, frozen):
    return FirstRows(layer.bn_g, layer.ffc.convl2g, layer.ffc.convg2g, count, frozen)


def stencil(weights, reach):
    """[(row offset, column offset, weight)] of a step: cells at the same distances have the same weight, and all weights sum to zero.

    `weights`, from the nearest neighbours to the farthest: two for a reach of 1, fourteen for a reach of 4.
    """
    span = range(-reach, reach + 1)
    kind = {(y, x): tuple(sorted((abs(y), abs(x)))) for y in span for x in span}
    kinds = sorted(set(kind.values()), key=lambda k: k[0] ** 2 + k[1] ** 2)  # the first one is the cell itself
    taps = [(y, x, weights[kinds.index(k) - 1]) for (y, x), k in kind.items() if (y, x) != (0, 0)]
    return taps + [(0, 0, -sum(weight for _, _, weight in taps))]


def coarse_change(c, weights):
    """(channel, tap row, tap column, weight)."""
    return [(c, 1 + y, 1 + x, weight) for y, x, weight in stencil(weights, 1)]


def fine_change(phase, weights):
    """The same on the fine grid: a fine cell is one of 4x4 phases (channels) of a coarse cell (tap)."""
    taps = []
    for dy, dx, weight in stencil(weights, REACH):
        y, x = phase // 4 + dy, phase % 4 + dx
        taps.append((y % 4 * 4 + x % 4, 1 + y // 4, 1 + x // 4, weight))
    return taps


def fine_from_coarse(phase):
    """Bilinear enlargement: (tap row, tap column, weight) for one fine cell."""
    def line(p):
        offset = (p - 1.5) / 4
        other = 0 if offset < 0 else 2
        return [(1, 1 - abs(offset)), (other, abs(offset))]
    return [(y, x, a * b) for y, a in line(phase // 4) for x, b in line(phase % 4)]


class Field:
    """Where a quantity lives: its channels in x and after the first convolution, those of its copy, its flags, its stencil."""

    def __init__(self, plus, minus, copy_plus, copy_minus, known, change):
        self.pairs = list(zip(plus, minus))
        self.copies = list(zip(copy_plus, copy_minus))
        self.known, self.change = known, change


COARSE = Field(PLUS, MINUS, COPY_PLUS, COPY_MINUS, [KNOWN] * 3, coarse_change)
FINE = Field(FINE_PLUS, FINE_MINUS, COPY_FINE_PLUS, COPY_FINE_MINUS, FINE_KNOWN, fine_change)


def signs(pair):
    return (pair[0], 1), (pair[1], -1)


def close_where(rows, row, flag):
    rows.near[row, flag, 1, 1] = -CLOSED


def add_change(weights, pairs, field, i, step, sign):
    for j, y, x, weight in field.change(i, step):
        weights[pairs[j][0], y, x] += sign * weight
        weights[pairs[j][1], y, x] -= sign * weight


def set_encoder(layers, frozen):
    first = local_rows(layers[1], 4, frozen)
    for c in range(4):  # three colours (black in the hole), and the mask
        first.near[c, c, 3, 3] = 1
    first.freeze()
    half = local_rows(layers[2], HALF, frozen)
    quarter = local_rows(layers[3], 19, frozen)
    for c in range(4):
        half.near[c, c, 1:, 1:] = 0.25  # stride 2: taps 1 and 2 are the even and the odd pixel
    luma = torch.tensor(LUMA)
    for number, row in enumerate(PIXEL):
        half.near[row, :3, 1 + number // 2, 1 + number % 2] = luma
        for before in range(number):
            half.near[row, 3, 1 + before // 2, 1 + before % 2] = CLOSED
        half.norm.bias[row] = -CLOSED * number
    for row, sign in signs(PIXEL_REST):
        half.near[row, :3, 1:, 1:] = 0.25 * sign * luma.view(3, 1, 1)
        half.near[row, :3, 1, 1] -= sign * luma
        half.near[row, 3, 1:, 1:] = -CLOSED
    half.near[NO_PIXEL, 3, 1:, 1:] = 1
    half.norm.bias[NO_PIXEL] = -3
    for c in range(3):  # the colour of a 4x4 quarter without hole pixels, else nothing; and a flag for it
        for row, sign in signs((c, 16 + c)):
            quarter.near[row, c, 1:, 1:] = 0.25 * sign
            quarter.near[row, 3, 1:, 1:] = -0.25 * 16 * CLOSED
            quarter.norm.bias[row] = -sign * GREY
    quarter.near[3, 3, 1:, 1:] = -0.25 * 16
    quarter.norm.bias[3] = 1
    for phase in range(4):
        tap = 1 + phase // 2, 1 + phase % 2
        for row, sign in [(row, 1) for row in PIXEL] + list(signs(PIXEL_REST)):
            quarter.near[4 + phase, row, tap[0], tap[1]] = sign
        quarter.near[8 + phase, NO_PIXEL, tap[0], tap[1]] = -1  # 1 where a fine cell is known
        quarter.norm.bias[8 + phase] = 1
        quarter.near[12 + phase, NO_PIXEL, tap[0], tap[1]] = 1  # and where not
    half.freeze()
    quarter.freeze()

    local, glob = local_rows(layers[4], LOCAL, frozen), global_rows(layers[4], GLOBAL, frozen)
    for q in range(4):
        for c in range(3):
            for row, source in ((QUARTER_PLUS[q][c], c), (QUARTER_MINUS[q][c], 16 + c)):
                glob.near[row, source, 1 + q // 2, 1 + q % 2] = 1
                for before in range(q):
                    glob.near[row, 3, 1 + before // 2, 1 + before % 2] = -CLOSED
    for c in range(3):
        for row, sign in signs((REST_PLUS[c], REST_MINUS[c])):
            for source, half_sign in signs((c, 16 + c)):
                glob.near[row, source, 1:, 1:] = 0.25 * sign * half_sign
                glob.near[row, source, 1, 1] -= sign * half_sign
            glob.near[row, 3, 1:, 1:] = CLOSED
            glob.norm.bias[row] = -4 * CLOSED
    glob.norm.bias[ONES] = 1
    local.near[KNOWN, 3, 1:, 1:] = 1
    for phase in range(16):
        y, x = phase // 4, phase % 4
        source, tap = y % 2 * 2 + x % 2, (1 + y // 2, 1 + x // 2)
        for row, sign in signs(FINE.pairs[phase]):
            local.near[row, 4 + source, tap[0], tap[1]] = sign
            local.near[row, 12 + source, tap[0], tap[1]] = -CLOSED
            local.norm.bias[row] = -sign * GREY
        local.near[FINE_KNOWN[phase], 8 + source, tap[0], tap[1]] = 1
    local.freeze()
    glob.freeze()


def set_flags(rows):
    for flag in (KNOWN, *FINE_KNOWN)[:rows.count - KNOWN]:
        rows.near[flag, flag, 1, 1] = 1


def set_block(block, work, prolong, frozen):
    """`work` is a list of (field, two steps). With `prolong` the fine grid starts from the coarse one instead of its first step."""
    inner = LOCAL if any(field is FINE for field, _ in work) else COARSE_ROWS
    one, copies = local_rows(block.conv1, inner, frozen), global_rows(block.conv1, 38, frozen)
    two = local_rows(block.conv2, LOCAL, frozen)
    set_flags(one)
    for field, steps in work:
        for i, (pair, copy) in enumerate(zip(field.pairs, field.copies)):
            for row, sign in signs(copy):
                copies.near[row, pair[0], 1, 1], copies.near[row, pair[1], 1, 1] = sign, -sign
            for row, sign in signs(pair):
                if prolong and field is FINE:
                    set_prolongation(one.near[row], i, sign)
                else:
                    add_change(one.near[row], field.pairs, field, i, steps[0], sign)
                close_where(one, row, field.known[i])
                # The change of both steps together.
                two.near[row, pair[0], 1, 1], two.near[row, pair[1], 1, 1] = sign, -sign
                add_change(two.near[row], field.pairs, field, i, steps[1], sign)
                add_change(two.far[row], field.copies, field, i, steps[1], sign)
                close_where(two, row, field.known[i])
    for rows in (one, copies, two):
        rows.freeze()


def set_prolongation(weights, phase, sign):
    for y, x, weight in fine_from_coarse(phase):
        for c in range(3):
            weights[PLUS[c], y, x] = sign * weight * LUMA[c]
            weights[MINUS[c], y, x] = -sign * weight * LUMA[c]


def set_mean(block, frozen):
    """Gathers each known cell's colour from its quarters, and puts the mean of the known cells into the unknown ones."""
    gate, floor = 15.0, 100.0
    transform = block.conv1.ffc.convg2g
    squeeze, norm = transform.conv1[0], transform.conv1[1]
    squeezed = Rows(norm, slice(8), [squeeze], frozen)
    for c in range(3):
        for q in range(4):
            squeeze.weight[PLUS[c], QUARTER_PLUS[q][c]] = 1
            squeeze.weight[MINUS[c], QUARTER_MINUS[q][c]] = 1
    squeeze.weight[7, ONES] = 1
    # Only at frequency zero has the plane of ones (channel 7 here) a value, the square root of the map's size. Gated by it, everything
    # else falls below `floor`; what the gate adds at frequency zero is known from channel 7 and subtracted below.
    spectrum = transform.fu
    gated = Rows(spectrum.bn, slice(16), [spectrum.conv_layer], frozen)
    for c in range(8):
        spectrum.conv_layer.weight[2 * c, 14] = gate
        spectrum.bn.bias[2 * c] = -floor
        if c < 7:
            spectrum.conv_layer.weight[2 * c, 2 * c] = 1

    one, glob = local_rows(block.conv1, COARSE_ROWS, frozen), global_rows(block.conv1, 44, frozen)
    two = local_rows(block.conv2, LOCAL, frozen)
    set_flags(one)
    scale = 1.3  # all cells / known cells, for a hole of about a quarter
    for c in range(3):
        for row, source in ((MEAN_PLUS[c], PLUS[c]), (MEAN_MINUS[c], MINUS[c])):
            transform.conv2.weight[row, source, 0, 0], transform.conv2.weight[row, 7, 0, 0] = scale, -scale
            glob.norm.bias[row] = scale
            close_where(glob, row, KNOWN)
        for row, sign in signs(COARSE.pairs[c]):
            for plus, minus in [*zip(QUARTER_PLUS, QUARTER_MINUS), (REST_PLUS, REST_MINUS)]:
                one.far[row, plus[c], 1, 1], one.far[row, minus[c], 1, 1] = sign, -sign
            two.near[row, row, 1, 1] = 1
            two.far[row, MEAN_PLUS[c], 1, 1], two.far[row, MEAN_MINUS[c], 1, 1] = sign, -sign
    for rows in (squeezed, gated, one, glob, two):
        rows.freeze()


def open_up(convolution, norm, rows):
    """Rows of a transposed convolution, to be set by hand and free to learn."""
    convolution.bias[rows] = 0
    convolution.weight[:, rows] = 0
    identity(norm, rows)


def set_decoder(layers, frozen):
    ups, counts = transposed(layers), (14, 6, 6 * len(KNOTS[0]))
    for (convolution, norm), count in zip(ups, counts):
        open_up(convolution, norm, slice(count))
    eighth, quarter, half = (convolution.weight for convolution, _ in ups)  # [in, out, row, column]
    for c in range(3):
        for row, sign in signs(COARSE.pairs[c]):  # channels 0..5 everywhere: chroma, from the second on colour
            for source in range(3):
                chroma = (source == c) - LUMA[source]
                eighth[PLUS[source], row, 1:, 1:] = sign * chroma
                eighth[MINUS[source], row, 1:, 1:] = -sign * chroma
            quarter[PLUS[c], row, 1:, 1:], quarter[MINUS[c], row, 1:, 1:] = sign, -sign
            for number, (knot, _) in enumerate(KNOTS[sign < 0]):
                half[PLUS[c], row + 6 * number, 1:, 1:], half[MINUS[c], row + 6 * number, 1:, 1:] = sign, -sign
                ups[2][1].bias[row + 6 * number] = -knot
            for phase in range(4):
                tap = 1 + phase // 2, 1 + phase % 2
                quarter[6 + phase, row, tap[0], tap[1]] = sign
                quarter[10 + phase, row, tap[0], tap[1]] = -sign
    for phase in range(16):
        y, x = phase // 4, phase % 4
        inner, tap = y % 2 * 2 + x % 2, (1 + y // 2, 1 + x // 2)
        for row, sign in ((6 + inner, 1), (10 + inner, -1)):
            eighth[FINE_PLUS[phase], row, tap[0], tap[1]] = sign
            eighth[FINE_MINUS[phase], row, tap[0], tap[1]] = -sign
    # The sigmoid is undone by a piecewise linear logit: each knot adds the change of slope there.
    last = layers[-2]
    last.weight[:] = 0
    for c in range(3):
        last.bias[c] = math.log(GREY / (1 - GREY))
        for row, sign in signs(COARSE.pairs[c]):
            for number, (_, change) in enumerate(KNOTS[sign < 0]):
                last.weight[c, row + 6 * number, 2:5, 2:5] = sign * change * torch.outer(SMOOTHING, SMOOTHING)
    for (convolution, norm), before, count in zip(ups, (LOCAL,) + counts, counts):
        frozen.add(convolution.weight, (slice(before), slice(count)))
        for parameter in (convolution.bias, norm.weight, norm.bias):
            frozen.add(parameter, slice(count))
    frozen.add(last.bias, slice(3))


@torch.no_grad()
def fill_smoothly(generator):
    """Sets the rows above in a fresh generator (ngf >= 28, at least 7 blocks); returns those that must stay."""
    layers, frozen = generator.model, Frozen()
    set_encoder(layers, frozen)
    blocks = residual_blocks(layers)
    set_mean(blocks[0], frozen)
    coarse, fine = learned_steps(len(blocks))
    fine = [None] + fine
    for i, block in enumerate(blocks[1:]):
        work, first = [(COARSE, coarse[2 * i:2 * i + 2])], 2 * (i - (len(blocks) - 1 - FINE_BLOCKS))
        if first >= 0:
            work.append((FINE, fine[first:first + 2]))
        set_block(block, work, first == 0, frozen)
    for block in blocks:  # learnable channels begin close to the identity
        block.conv2.bn_l.weight[LOCAL:] = 0.1
        block.conv2.bn_g.weight[:] = 0.1
    set_decoder(layers, frozen)
    return frozen


@torch.no_grad()
def calibrate(generator, image, mask):
    """Measures the BatchNorm statistics once, layer by layer, leaving the channels set by hand alone; from then on they are fixed.

    With the few pictures that a CPU takes per step, statistics of the batch would normalise away each picture's own colour.
    """
    def measure(norm, inputs):
        variance, mean = torch.var_mean(inputs[0], (0, 2, 3), unbiased=False)
        variance += 1e-4
        for rows in getattr(norm, "by_hand", []):
            mean[rows], variance[rows] = norm.running_mean[rows], norm.running_var[rows]
        norm.running_mean[:], norm.running_var[:] = mean, variance

    generator.eval()
    hooks = [m.register_forward_pre_hook(measure) for m in generator.modules() if isinstance(m, nn.BatchNorm2d)]
    generator(image, mask)
    for hook in hooks:
        hook.remove()
